"""Content-addressed artefacts: `<root>/<stage>/<key>/{meta.json, value.json, payload files}`.

An artefact is written into a sibling temporary folder and appears by one atomic rename, so a
reader sees all of it or nothing, and a killed run leaves only a temporary folder that the next
`sweep` removes.  `meta.json` carries the digest of every file; a file that no longer matches is
treated as absent, reported, and made again.  Workers that want the same artefact at the same
time make it once: one holds its claim (`store.leases`), the others wait and find it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from fsspec.implementations.local import LocalFileSystem

from f2f.errors import StoreError, is_full
from f2f.store import owners, values
from f2f.store.digests import digest_file
from f2f.store.kept_warnings import kept_warnings
from f2f.store.leases import Claims, pauses

log = logging.getLogger(__name__)
T = TypeVar("T")

META = "meta.json"
VALUE = "value.json"
CLAIMS = ".claims"
_TEMPORARY = ".making-"
_FULL = 1 << 20
"""Free bytes below which a failed write is the disk's fault."""
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


@dataclass(frozen=True, slots=True)
class Artefact:
    """A small reference to what a stage made; safe to send between processes and machines."""

    stage: str
    key: str


class Store:
    """The artefacts of one folder, safe for several processes at once.

    Args:
        root: folder, made on first use; `~` is expanded.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        self.claims = Claims(LocalFileSystem(skip_instance_cache=True), str(self.root / CLAIMS))

    def folder(self, artefact: Artefact) -> Path:
        """Where the artefact lies or will lie."""
        return self._folder(artefact)

    def path(self, artefact: Artefact, name: str) -> Path:
        """A payload file of the artefact."""
        return self.folder(artefact) / name

    def read(self, artefact: Artefact, kind: type[T]) -> T:
        """The artefact's typed value."""
        return values.read(kind, self.path(artefact, VALUE))

    def has(self, artefact: Artefact) -> bool:
        """True if the artefact is complete and every file has the recorded digest."""
        folder = self._folder(artefact)
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

    def obtain(
        self,
        artefact: Artefact,
        fill: Callable[[Path], None],
        about: dict[str, Any],
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
        target = self._folder(artefact)
        with self._temporary(target.parent) as temporary:
            started = time.monotonic()
            with self._unfilled(), kept_warnings("f2f", "lipsync") as warnings:
                fill(temporary)
            seconds = round(time.monotonic() - started, 3)
            with self._writable():
                self._seal(temporary, {**about, "seconds": seconds, "warnings": warnings})
                self._publish(temporary, target)
        return artefact

    def meta(self, artefact: Artefact) -> dict[str, Any]:
        """meta.json: stage, version, inputs, settings, seconds, warnings, bytes, files."""
        meta: dict[str, Any] = json.loads(self.path(artefact, META).read_text(encoding="utf-8"))
        return meta

    def age(self, artefact: Artefact) -> float:
        """Seconds since the artefact was made or last found."""
        return time.time() - (self._folder(artefact) / META).stat().st_mtime

    def artefacts(self) -> Iterator[Artefact]:
        """Every published artefact."""
        for meta in sorted(self.root.glob(f"*/*/{META}")):
            if not meta.parent.name.startswith(_TEMPORARY):
                yield Artefact(meta.parent.parent.name, meta.parent.name)

    def remove(self, artefact: Artefact) -> None:
        """Remove an artefact (atomically out of sight first)."""
        self._discard(self.folder(artefact))

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
        with self._writable():
            parent.mkdir(parents=True, exist_ok=True)
            name = f"{_TEMPORARY}{owners.here().token}-"
            folder = Path(tempfile.mkdtemp(prefix=name, dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error

    @contextlib.contextmanager
    def _unfilled(self) -> Iterator[None]:
        """Tell a full or read-only disk from a stage's own failure."""
        try:
            yield
        except StoreError:
            raise
        except OSError as error:
            if error.errno in _UNWRITABLE:
                raise self._unwritable(error.strerror or str(error)) from error
            raise
        except Exception as error:  # libraries and programs report a full disk in their own ways
            if is_full(error) or shutil.disk_usage(self.root).free < _FULL:
                raise self._unwritable("no space left on device") from error
            raise

    def _unwritable(self, why: str) -> StoreError:
        return StoreError(f"cannot write to the store {self.root}: {why}")

    def _seal(self, folder: Path, about: dict[str, Any]) -> None:
        files = {
            path.relative_to(folder).as_posix(): digest_file(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        size = sum((folder / name).stat().st_size for name in files)
        text = json.dumps({**about, "bytes": size, "files": files}, indent=2, ensure_ascii=False)
        (folder / META).write_text(text, encoding="utf-8")

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


def _left(folder: Path, older_than: float) -> bool:
    owner = owners.parse(folder.name)
    try:
        age = time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return False
    return (owner is not None and owner.gone) or age > older_than
