"""Claims: an exclusive right with expiry and heartbeat, on any file system that lists truly.

    with claims.held("transcribe-4f3a") as mine:
        if mine:
            ...                                   # nobody else is here

Each contender writes a file of its own, `<name>@<token>`, and then looks: whoever sees another
live file takes its own away and comes again after a random pause.  Of two contenders at least
one sees the other, so two never hold a claim at once; no rename, lock or conditional write is
needed, and so the same code serves a folder, NFS, memory, S3 and GCS.

A claim is dead when its process is gone (known on its own machine), or when no heartbeat came
for `ttl` seconds (clocks of machines have to agree to a fraction of that).
"""

from __future__ import annotations

import contextlib
import json
import logging
import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fsspec import AbstractFileSystem

from f2f.errors import StoreError, why
from f2f.store import owners

log = logging.getLogger(__name__)

TTL = 120.0
"""Seconds without a heartbeat after which a claim of another machine is dead."""
_BEATS = 4
"""Heartbeats in one `TTL`."""
_PAUSE = (0.02, 1.0)
"""Shortest and longest pause between two looks, in seconds."""


@dataclass(frozen=True)
class Claims:
    """The claims of one folder of a file system.

    Args:
        files: where they lie (any fsspec file system with consistent listings).
        root: folder, made on first use.
        ttl: seconds without a heartbeat until a claim expires.
    """

    files: AbstractFileSystem
    root: str
    ttl: float = TTL

    @contextlib.contextmanager
    def held(self, name: str) -> Iterator[bool]:
        """Try once: True while this process holds the claim, False if another does."""
        path = self._take(name)
        if path is None:
            yield False
            return
        with self._beating(path):
            try:
                yield True
            finally:
                self._remove(path)

    @contextlib.contextmanager
    def kept(self, name: str) -> Iterator[None]:
        """Say that this process is at something; the sign outlives the block until it expires.

        A reader that still finds the thing unfinished right after the block (its last state is on
        the way) does not take this process for dead.
        """
        path = self._write(name)
        with self._beating(path):
            yield

    def alive(self, name: str) -> bool:
        """True if somebody holds the claim now."""
        return bool(self._others(name, ""))

    def sign(self, name: str) -> bool | None:
        """True if somebody holds the claim, False if a dead holder left it, None without any."""
        signs = [self._lives(path) for path in self._list() if _name(path) == name]
        return any(signs) if signs else None

    def sweep(self) -> int:
        """Remove what dead processes left; returns how many."""
        dead = [path for path in self._list() if not self._lives(path)]
        for path in dead:
            self._remove(path)
        return len(dead)

    def _take(self, name: str) -> str | None:
        if self._others(name, ""):
            return None
        mine = self._write(name)
        if self._others(name, mine):
            self._remove(mine)
            return None
        return mine

    def _others(self, name: str, mine: str) -> list[str]:
        """Files of other live contenders; the dead ones are removed."""
        live = []
        for path in self._list():
            if _name(path) != name or _base(path) == _base(mine):
                continue
            if self._lives(path):
                live.append(path)
            else:
                log.warning("%s: its holder is gone, taking over", name)
                self._remove(path)
        return live

    def _write(self, name: str) -> str:
        owner = owners.here()
        path = f"{self.root}/{name}@{owner.token}-{uuid.uuid4().hex[:8]}"
        try:
            self.files.makedirs(self.root, exist_ok=True)
            self._beat(path)
        except Exception as error:  # the drivers let their libraries' own errors through
            raise self._unusable("cannot write to", error) from error
        return path

    def _beat(self, path: str) -> None:
        body: dict[str, Any] = {"beat": time.time(), "ttl": self.ttl}
        self.files.pipe_file(path, json.dumps(body).encode())

    @contextlib.contextmanager
    def _beating(self, path: str) -> Iterator[None]:
        stop = threading.Event()

        def run() -> None:
            while not stop.wait(self.ttl / _BEATS):
                try:
                    if self.files.exists(path):
                        self._beat(path)
                    else:
                        log.warning("%s: the claim was taken over", _name(path))
                        return
                except OSError as error:
                    log.warning("%s: no heartbeat: %s", _name(path), why(error))

        thread = threading.Thread(target=run, name=f"claim {_name(path)}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _lives(self, path: str) -> bool:
        owner = owners.parse(_base(path))
        if owner is not None and owner.gone:
            return False
        try:
            body = json.loads(self.files.cat_file(path))
            return bool(time.time() - body["beat"] <= body["ttl"])
        except FileNotFoundError:
            return False
        except (ValueError, KeyError, TypeError):  # read in the middle of a heartbeat
            return self._age(path) <= self.ttl

    def _age(self, path: str) -> float:
        try:
            return float(time.time() - self.files.modified(path).timestamp())
        except FileNotFoundError:
            return float("inf")

    def _list(self) -> list[str]:
        try:
            return [str(path) for path in self.files.ls(self.root, detail=False, refresh=True)]
        except FileNotFoundError:
            return []
        except Exception as error:
            raise self._unusable("cannot reach", error) from error

    def _unusable(self, what: str, error: Exception) -> StoreError:
        return StoreError(f"{what} the store {self.root.rpartition('/')[0]}: {why(error)}")

    def _remove(self, path: str) -> None:
        with contextlib.suppress(OSError):
            self.files.rm_file(path)


def pauses() -> Iterator[float]:
    """Growing random pauses in seconds between two tries for a claim; never ends."""
    longest = _PAUSE[0]
    while True:
        yield random.uniform(_PAUSE[0], longest)
        longest = min(_PAUSE[1], 1.5 * longest)


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _name(path: str) -> str:
    return _base(path).partition("@")[0]
