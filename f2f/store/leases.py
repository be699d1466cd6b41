"""Claims: an exclusive right with expiry and heartbeat, on any file system that lists truly.

    with claims.held("transcribe-4f3a") as claim:
        if claim:
            ...                                   # nobody else is here
            if claim.lost: ...                    # unless this process was taken for dead

Each contender writes a file of its own, `<name>@<token>`, and then looks: whoever sees another
live file takes its own away and comes again after a random pause.  Of two contenders at least
one sees the other, so two never hold a claim at once; no rename, lock or conditional write is
needed, and so the same code serves a folder, NFS, memory, S3 and GCS.

The heart beats in a second file, `<name>@<token>.beat`.  The claim's own file is written once and
never again, so a heartbeat cannot bring back a claim that another process has removed meanwhile.

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
from dataclasses import dataclass, field
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
_BEAT = ".beat"


@dataclass
class Claim:
    """The outcome of a try: true if this process holds the claim."""

    held: bool
    ttl: float
    """Seconds without a heartbeat after which others may take the claim."""
    last_beat: float = field(default_factory=time.monotonic)
    removed: bool = False
    """True once another process has removed the claim; there is no way back."""

    def __bool__(self) -> bool:
        return self.held

    @property
    def lost(self) -> bool:
        """True if another process may hold the claim by now, because this one seemed dead."""
        return self.removed or (self.held and time.monotonic() - self.last_beat > self.ttl)


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
    def held(self, name: str) -> Iterator[Claim]:
        """Try once: a true `Claim` while this process holds it, a false one if another does.

        Raises:
            StoreError: the folder cannot be listed or written.
        """
        base = self._take(name)
        if base is None:
            yield Claim(held=False, ttl=self.ttl)
            return
        try:
            with self._beating(base) as claim:
                yield claim
        finally:
            self._remove(base)

    @contextlib.contextmanager
    def kept(self, name: str) -> Iterator[Claim]:
        """Say that this process is at something; the sign outlives the block until it expires.

        A reader that still finds the thing unfinished right after the block (its last state is on
        the way) does not take this process for dead.

        Raises:
            StoreError: the folder cannot be written.
        """
        with self._beating(self._write(name)) as claim:
            yield claim

    def sign(self, name: str) -> bool | None:
        """True if somebody holds the claim, False if a dead holder left it, None without any."""
        signs = [self._lives(base) for base in self._list() if _name(base) == name]
        return any(signs) if signs else None

    def sweep(self) -> int:
        """Remove what dead processes left, heartbeats without a claim too; returns how many."""
        bases = {file.removesuffix(_BEAT) for file in self._files()}
        dead = [base for base in bases if not self._lives(base)]
        for base in dead:
            self._remove(base)
        return len(dead)

    def _take(self, name: str) -> str | None:
        if self._others(name, ""):
            return None
        mine = self._write(name)
        alone = False
        try:
            alone = not self._others(name, mine)
        finally:
            if not alone:
                self._remove(mine)
        return mine if alone else None

    def _others(self, name: str, mine: str) -> list[str]:
        """Other live contenders; the dead ones are removed."""
        live = []
        for base in self._list():
            if _name(base) != name or base == mine:
                continue
            if self._lives(base):
                live.append(base)
            elif self._remove(base):
                log.warning("%s: its holder is gone, taking over", name)
        return live

    def _write(self, name: str) -> str:
        """A new claim, whose heart beats before it can be seen."""
        base = f"{name}@{owners.here().token}-{uuid.uuid4().hex[:8]}"
        with self._reaching("cannot write to"):
            self.files.makedirs(self.root, exist_ok=True)
            self._beat(base)
            self.files.pipe_file(self._path(base), base.encode())
        return base

    def _beat(self, base: str) -> None:
        body: dict[str, Any] = {"beat": time.time(), "ttl": self.ttl}
        self.files.pipe_file(self._path(base) + _BEAT, json.dumps(body).encode())

    @contextlib.contextmanager
    def _beating(self, base: str) -> Iterator[Claim]:
        claim = Claim(held=True, ttl=self.ttl)
        stop = threading.Event()

        def run() -> None:
            while not stop.wait(self.ttl / _BEATS) and not claim.removed:
                try:
                    self._renew(base, claim)
                except Exception as error:  # whatever the driver raises, the next beat may succeed
                    loss = "; the claim may be lost" if claim.lost else ""
                    log.warning("%s: no heartbeat: %s%s", _name(base), why(error), loss)

        thread = threading.Thread(target=run, name=f"claim {_name(base)}", daemon=True)
        thread.start()
        try:
            yield claim
        finally:
            stop.set()
            thread.join()

    def _renew(self, base: str, claim: Claim) -> None:
        if base in self._list():
            self._beat(base)
            claim.last_beat = time.monotonic()
        else:
            claim.removed = True
            log.warning("%s: the claim was lost: another process took us for dead", _name(base))
            self._remove(base)

    def _lives(self, base: str) -> bool:
        owner = owners.parse(base)
        if owner is not None and owner.gone:
            return False
        beat = self._path(base) + _BEAT
        with self._reaching("cannot reach"):
            try:
                body = json.loads(self.files.cat_file(beat))
                return bool(time.time() - body["beat"] <= body["ttl"])
            except FileNotFoundError:
                return False
            except (ValueError, KeyError, TypeError):  # read in the middle of a heartbeat
                return self._age(beat) <= self.ttl

    def _age(self, path: str) -> float:
        try:
            return float(time.time() - self.files.modified(path).timestamp())
        except FileNotFoundError:
            return float("inf")

    def _list(self) -> list[str]:
        """The claims there are, `<name>@<token>`."""
        return [file for file in self._files() if not file.endswith(_BEAT)]

    def _files(self) -> list[str]:
        with self._reaching("cannot reach"):
            try:
                paths = self.files.ls(self.root, detail=False, refresh=True)
            except FileNotFoundError:
                return []
            return [str(path).rpartition("/")[2] for path in paths]

    def _path(self, base: str) -> str:
        return f"{self.root}/{base}"

    def _remove(self, base: str) -> bool:
        """Remove claim and heartbeat; True if the claim was there.  What stays expires."""
        found = self._remove_file(self._path(base))
        self._remove_file(self._path(base) + _BEAT)
        return found

    def _remove_file(self, path: str) -> bool:
        try:
            self.files.rm_file(path)
        except FileNotFoundError:
            return False
        except Exception as error:  # whatever the driver raises: nobody waits longer than `ttl`
            log.warning("%s is not removed and expires: %s", path, why(error))
            return False
        return True

    @contextlib.contextmanager
    def _reaching(self, what: str) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except Exception as error:  # the drivers let their libraries' own errors through
            place = self.root.rpartition("/")[0]
            raise StoreError(f"{what} the store {place}: {why(error)}") from error


def pauses() -> Iterator[float]:
    """Growing random pauses in seconds between two tries for a claim; never ends."""
    longest = _PAUSE[0]
    while True:
        yield random.uniform(_PAUSE[0], longest)
        longest = min(_PAUSE[1], 1.5 * longest)


def _name(base: str) -> str:
    return base.partition("@")[0]
