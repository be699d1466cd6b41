"""Content-addressed artefacts: `<root>/<stage>/<key>/{meta.json, value.json, payload files}`.

An artefact is written into a sibling temporary folder and appears by one atomic rename, so a
reader sees all of it or nothing, and a killed run leaves only a temporary folder that the next
`sweep` removes.  `meta.json` carries the digest of every file; a file that no longer matches is
treated as absent, reported, and made again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from f2f import values
from f2f.errors import StoreError

log = logging.getLogger(__name__)
T = TypeVar("T")

META = "meta.json"
VALUE = "value.json"
_TEMPORARY = ".making-"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Artefact:
    """A small reference to what a stage made; safe to send between processes and machines."""

    stage: str
    key: str


def digest_file(path: Path) -> str:
    """SHA-256 of a file's content, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def digest_json(value: Any) -> str:
    """SHA-256 of plain values in canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """The artefacts of one folder, safe for several processes at once.

    Args:
        root: folder, made on first use; `~` is expanded.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()

    def folder(self, artefact: Artefact) -> Path:
        """Where the artefact lies or will lie."""
        return self.root / artefact.stage / artefact.key

    def path(self, artefact: Artefact, name: str) -> Path:
        """A payload file of the artefact."""
        return self.folder(artefact) / name

    def read(self, artefact: Artefact, kind: type[T]) -> T:
        """The artefact's typed value."""
        return values.read(kind, self.path(artefact, VALUE))

    def has(self, artefact: Artefact) -> bool:
        """True if the artefact is complete and every file has the recorded digest."""
        folder = self.folder(artefact)
        try:
            meta = json.loads((folder / META).read_text(encoding="utf-8"))
            intact = all(
                digest_file(folder / name) == digest for name, digest in meta["files"].items()
            )
        except FileNotFoundError:
            if not folder.exists():
                return False
            intact = False
        except (OSError, ValueError, KeyError, TypeError):
            intact = False
        if not intact:
            log.warning("artefact %s/%s is damaged and is made again", artefact.stage, artefact.key)
        return intact

    def make(
        self, artefact: Artefact, fill: Callable[[Path], None], about: dict[str, Any]
    ) -> Artefact:
        """Let `fill` write into a temporary folder, then publish it at once.

        Args:
            artefact: what is being made.
            fill: writes value.json and payload files into the folder that it gets.
            about: further plain facts for meta.json (inputs, settings, seconds).

        Raises:
            StoreError: the folder cannot be written (read-only, full).
        """
        target = self.folder(artefact)
        temporary = self._temporary(target)
        try:
            started = time.monotonic()
            fill(temporary)
            seconds = round(time.monotonic() - started, 3)
            self._seal(temporary, {**about, "seconds": seconds})
            self._publish(temporary, target)
        except OSError as error:
            raise StoreError(f"cannot write to the store {self.root}: {error}") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return artefact

    def meta(self, artefact: Artefact) -> dict[str, Any]:
        """What meta.json says: stage, key, inputs, settings, seconds, files."""
        meta: dict[str, Any] = json.loads(self.path(artefact, META).read_text(encoding="utf-8"))
        return meta

    def artefacts(self) -> Iterator[Artefact]:
        """Every published artefact."""
        for meta in sorted(self.root.glob(f"*/*/{META}")):
            if not meta.parent.name.startswith(_TEMPORARY):
                yield Artefact(meta.parent.parent.name, meta.parent.name)

    def remove(self, artefact: Artefact) -> None:
        """Remove an artefact (atomically out of sight first)."""
        self._discard(self.folder(artefact))

    def sweep(self, older_than: float = 24 * 3600.0) -> int:
        """Remove temporary folders untouched for `older_than` seconds; returns how many."""
        stale = [
            folder
            for folder in self.root.glob(f"*/{_TEMPORARY}*")
            if time.time() - folder.stat().st_mtime > older_than
        ]
        for folder in stale:
            shutil.rmtree(folder, ignore_errors=True)
        return len(stale)

    def _temporary(self, target: Path) -> Path:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=target.parent))
        except OSError as error:
            raise StoreError(f"cannot write to the store {self.root}: {error}") from error

    def _seal(self, folder: Path, about: dict[str, Any]) -> None:
        files = {
            path.relative_to(folder).as_posix(): digest_file(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        text = json.dumps({**about, "files": files}, indent=2, ensure_ascii=False)
        (folder / META).write_text(text, encoding="utf-8")

    def _publish(self, temporary: Path, target: Path) -> None:
        try:
            os.rename(temporary, target)
        except OSError:
            if not target.exists():
                raise
            if self.has(Artefact(target.parent.name, target.name)):
                return  # another process made the same content first
            self._discard(target)
            os.rename(temporary, target)

    def _discard(self, folder: Path) -> None:
        trash = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=folder.parent))
        try:
            os.rename(folder, trash / folder.name)
        except FileNotFoundError:
            pass
        shutil.rmtree(trash, ignore_errors=True)
