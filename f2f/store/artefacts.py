"""Content-addressed artefacts: `<root>/<stage>/<key>/{meta.json, value.json, payload files}`.

An artefact is written into a sibling temporary folder and appears by one atomic rename, so a
reader sees all of it or nothing, and a killed run leaves only a temporary folder that the next
`sweep` removes.  `meta.json` carries the digest of every file; a file that no longer matches is
treated as absent, reported, and made again.  Whether an artefact is there is asked often, so its
files count as unchanged by their sizes and times of change; their content is read again before a
stage works on them or a person gets them.  Workers that want the same artefact at the same
time make it once: one holds its claim (`store.leases`), the others wait and find it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from fsspec.implementations.local import LocalFileSystem

from f2f.errors import InputError, StoreError
from f2f.safe_names import relative_name
from f2f.store import contents, disk, owners, values
from f2f.store.contents import META, DamageError
from f2f.store.kept_warnings import kept_warnings
from f2f.store.leases import Claims, pauses

log = logging.getLogger(__name__)
T = TypeVar("T")

VALUE = "value.json"
CLAIMS = ".claims"
_TEMPORARY = ".making-"

Fill = Callable[[Path], Mapping[str, Any] | None]
"""Writes value.json and payload files into the folder that it gets; what it returns are facts for
meta.json that are known only afterwards."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A small reference to what a stage made; safe to send between processes and machines.

    Raises:
        InputError: stage or key is no plain name of a folder.
    """

    stage: str
    key: str

    def __post_init__(self) -> None:
        for name in (self.stage, self.key):
            if relative_name(name).parts != (name,):
                raise InputError(f"{name!r} cannot name an artefact")

    def __str__(self) -> str:
        return f"{self.stage}/{self.key}"

    @classmethod
    def named(cls, text: str) -> Artefact | None:
        """The artefact of a text "stage/key"; None if it is none."""
        try:
            return cls(*text.split("/"))
        except (TypeError, InputError):
            return None


class Store:
    """The artefacts of one folder, safe for several processes at once.

    Args:
        root: folder, made on first use; `~` is expanded.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        self.claims = Claims(LocalFileSystem(skip_instance_cache=True), str(self.root / CLAIMS))
        self._trusted: set[Artefact] = set()

    def folder(self, artefact: Artefact) -> Path:
        """Where the artefact lies or will lie."""
        return self._folder(artefact)

    def path(self, artefact: Artefact, name: str) -> Path:
        """A payload file of the artefact.

        Raises:
            InputError: the name leads out of the artefact.
        """
        return self.folder(artefact) / relative_name(name)

    def read(self, artefact: Artefact, kind: type[T]) -> T:
        """The artefact's typed value."""
        return values.read(kind, self.path(artefact, VALUE))

    def has(self, artefact: Artefact) -> bool:
        """True if the artefact is complete and no file was changed since, as far as its size and
        time of change tell; where they differ, the content decides."""
        return self._check(artefact, contents.untouched) or self.verify(artefact)

    def verify(self, artefact: Artefact) -> bool:
        """True if the artefact is there and every file has the recorded content."""
        if self._check(artefact, contents.intact):
            return True
        if self._folder(artefact).exists():
            log.warning("artefact %s is damaged and is made again", artefact)
        return False

    def trust(self, artefact: Artefact) -> None:
        """Read an artefact's content once in the life of this object, before it is worked on.

        Raises:
            StoreError: it is damaged; it is removed, so that the next run makes it again.
        """
        if artefact in self._trusted:
            return
        if not self.verify(artefact):
            with disk.writing(self.root):
                self.remove(artefact)
            raise StoreError(f"the artefact {artefact} is damaged or gone: start again to mend it")
        self._trusted.add(artefact)

    def obtain(
        self,
        artefact: Artefact,
        fill: Fill,
        about: Mapping[str, Any],
        *,
        permit: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
    ) -> bool:
        """Make an artefact unless it is there; of many workers that want it, one makes it.

        Args:
            artefact: what is wanted.
            fill: as for `make`.
            about: as for `make`.
            permit: held while making, for example one of few slots for heavy work; waiting for
                another worker's artefact takes none.

        Returns:
            True if this call made it.

        Raises:
            StoreError: the store cannot be written (read-only, full).
        """
        for tries, pause in enumerate(pauses()):
            if tries == 1:
                log.info("%s: waiting for another process that makes it", artefact.stage)
            if self.has(artefact):
                self._touch(artefact)
                break
            with self.claims.held(f"{artefact.stage}-{artefact.key}") as mine:
                if mine and not self.has(artefact):
                    if self._folder(artefact).exists():
                        about = {**about, "repaired": True}
                    with permit():
                        self.make(artefact, fill, about)
                    return True
            time.sleep(pause)
        return False

    def make(self, artefact: Artefact, fill: Fill, about: Mapping[str, Any]) -> Artefact:
        """Let `fill` write into a temporary folder, then publish it at once.

        Args:
            artefact: what is being made.
            fill: see `Fill`.
            about: further plain facts for meta.json (inputs, settings, seconds).

        Raises:
            StoreError: the folder cannot be written (read-only, full).
        """
        target = self._folder(artefact)
        with self._temporary(target.parent) as temporary:
            started = time.monotonic()
            with disk.filling(self.root), kept_warnings("f2f", "lipsync") as warnings:
                found = fill(temporary) or {}
            seconds = round(time.monotonic() - started, 3)
            with disk.writing(self.root):
                _seal(temporary, {**about, **found, "seconds": seconds, "warnings": warnings})
                self._publish(temporary, target)
        self._trusted.add(artefact)
        return artefact

    def meta(self, artefact: Artefact) -> dict[str, Any]:
        """meta.json: stage, version, packages, inputs, parts, settings, seconds, warnings, bytes,
        files."""
        meta: dict[str, Any] = json.loads(self.path(artefact, META).read_text(encoding="utf-8"))
        return meta

    def age(self, artefact: Artefact) -> float:
        """Seconds since the artefact was made or last found."""
        return time.time() - (self._folder(artefact) / META).stat().st_mtime

    def artefacts(self) -> Iterator[Artefact]:
        """Every published artefact."""
        for meta in sorted(self.root.glob(f"*/*/{META}")):
            artefact = Artefact.named(f"{meta.parent.parent.name}/{meta.parent.name}")
            if artefact and not artefact.key.startswith(_TEMPORARY):
                yield artefact

    def remove(self, artefact: Artefact) -> None:
        """Remove an artefact (atomically out of sight first)."""
        self._trusted.discard(artefact)
        self._discard(self._folder(artefact))

    def sweep(self, older_than: float = 24 * 3600.0) -> int:
        """Remove what killed runs left: temporary folders and claims; returns how many.

        Args:
            older_than: seconds after which a folder whose owner is unknown (another machine) is
                given up; one whose process is gone from this machine goes at once.
        """
        stale = [
            folder for folder in self.root.glob(f"*/{_TEMPORARY}*") if _left(folder, older_than)
        ]
        for folder in stale:
            shutil.rmtree(folder, ignore_errors=True)
        return len(stale) + self.claims.sweep()

    def _folder(self, artefact: Artefact) -> Path:
        return self.root / artefact.stage / artefact.key

    def _touch(self, artefact: Artefact) -> None:
        with contextlib.suppress(OSError):  # a read-only store is good enough to read
            os.utime(self._folder(artefact) / META)

    @contextlib.contextmanager
    def _temporary(self, parent: Path) -> Iterator[Path]:
        with disk.writing(self.root):
            parent.mkdir(parents=True, exist_ok=True)
            name = f"{_TEMPORARY}{owners.here().token}-"
            folder = Path(tempfile.mkdtemp(prefix=name, dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _check(self, artefact: Artefact, right: Callable[[Path, contents.Contents], bool]) -> bool:
        folder = self._folder(artefact)
        try:
            return right(folder, contents.listed(folder))
        except DamageError:
            return False

    def _publish(self, temporary: Path, target: Path) -> None:
        try:
            temporary.rename(target)
        except OSError:
            if not target.exists():
                raise
            if self.has(Artefact(target.parent.name, target.name)):
                return  # another process made the same content first
            self._discard(target)
            temporary.rename(target)

    def _discard(self, folder: Path) -> None:
        with self._temporary(folder.parent) as trash, contextlib.suppress(FileNotFoundError):
            folder.rename(trash / folder.name)


def _seal(folder: Path, about: Mapping[str, Any]) -> None:
    files = contents.facts(folder)
    size = sum(item["size"] for item in files.values())
    text = json.dumps({**about, "bytes": size, "files": files}, indent=2, ensure_ascii=False)
    (folder / META).write_text(text, encoding="utf-8")


def _left(folder: Path, older_than: float) -> bool:
    owner = owners.parse(folder.name)
    try:
        age = time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return False
    return (owner is not None and owner.gone) or age > older_than
