"""A folder with one subfolder an entry, into which files come whole or not at all."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from f2f.store.digests import digest_file
from f2f.weights.catalogue import Entry, PinnedFile
from f2f.weights.download import matches

log = logging.getLogger(__name__)

RECORD = ".sha256"
"""Suffix of the note that holds the digest of a file that was made here or imported."""
PARTS = ".packages"
"""Folder of partial files and packages, which a pull leaves only if it fails."""
_LOCK = ".lock"
_PLACING = ".placing-"


@dataclass(frozen=True)
class Shelf:
    """The files of a library; `folder` is made on first use."""

    folder: Path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from changing anything; the kernel lets go of what is killed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / _LOCK)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            log.warning("another process brings weights into %s; waiting for it", self.folder)
            lock.acquire()
        try:
            for left in self.folder.glob(f"**/{_PLACING}*"):  # by a process that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield
        finally:
            lock.release()

    @contextmanager
    def placing(self, entry: Entry, file: PinnedFile) -> Iterator[Path]:
        """A temporary path that takes the file's place if the block ends well."""
        target = self._path(entry, file)
        target.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=_PLACING, dir=target.parent))
        try:
            made = place / target.name
            yield made
            if not made.exists():
                return
            if file.sha256 is not None:
                made.replace(target)
                return
            record = _record(made)
            record.write_text(digest_file(made) + "\n", encoding="ascii")
            _record(target).unlink(missing_ok=True)  # a file without its record is not taken
            made.replace(target)
            record.replace(_record(target))
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def scratch(self) -> tempfile.TemporaryDirectory[str]:
        """A temporary folder on the same disk."""
        return tempfile.TemporaryDirectory(prefix=_PLACING, dir=self.folder)

    def home(self, entry: Entry) -> Path:
        """The entry's only file, or the folder of its files."""
        return home(self.folder / entry.name, entry)

    def exists(self, entry: Entry, file: PinnedFile) -> bool:
        """True if there is something of that name."""
        return self._path(entry, file).exists()

    def has(self, entry: Entry, file: PinnedFile) -> bool:
        """True if the file is here, by its size."""
        path = self._path(entry, file)
        if file.sha256 is None:
            return path.is_file() and _record(path).is_file()
        return path.is_file() and path.stat().st_size == file.size

    def intact(self, entry: Entry, file: PinnedFile) -> bool:
        """True if the file is here, by its digest."""
        path = self._path(entry, file)
        if file.sha256 is not None:
            return matches(path, file)
        return self.has(entry, file) and digest_file(path) == _record(path).read_text().strip()

    def _path(self, entry: Entry, file: PinnedFile) -> Path:
        return self.folder / entry.name / file.name


def home(folder: Path, entry: Entry) -> Path:
    """The entry's only file in `folder`, or the folder itself."""
    return folder / entry.files[0].name if len(entry.files) == 1 else folder


def _record(path: Path) -> Path:
    return path.with_name(path.name + RECORD)
