"""The local library: a folder of files that were each checked by their digest on the way in."""

from __future__ import annotations

import importlib
import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from f2f.errors import InputError, MissingError
from f2f.store.digests import digest_file
from f2f.weights.catalogue import Catalogue, Entry, PinnedFile
from f2f.weights.sources import Fetcher, SourceError

log = logging.getLogger(__name__)

RECORD = ".sha256"
"""Suffix of the note that holds the digest of a file that was made here or imported."""


class Progress(Protocol):
    """Where a pull says how far it is."""

    def __call__(self, name: str, done: int, total: int, /) -> None:
        """`done` of `total` bytes of the file `name`, "entry/file"."""


def silent(_name: str, _done: int, _total: int, /) -> None:
    """The progress of nobody watching."""


class State(StrEnum):
    """What is known of an entry on this machine."""

    HERE = "here"
    ABSENT = "absent"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Status:
    """An entry and its state; `path` is where `locate` finds it once it is here."""

    entry: Entry
    state: State
    path: Path


@dataclass(frozen=True)
class Library:
    """Weights in a folder.

    Args:
        folder: one subfolder an entry; made on first use.
        known: the catalogue.
        nearby: local folders to look through before any network is used.
    """

    folder: Path
    known: Catalogue
    nearby: tuple[Path, ...] = ()

    def pull(self, names: Iterable[str], progress: Progress = silent) -> None:
        """Bring every file of the named sets and entries that is not here yet.

        Raises:
            ConfigError: a name is unknown.
            MissingError: no source gives a file; the message says what each answered.
        """
        entries = self.known.select(names)
        packages = self.folder / ".packages"
        fetcher = Fetcher(packages)
        for entry in entries:
            absent = [file for file in entry.files if not self._has(entry, file)]
            if absent and entry.imported is not None:
                raise MissingError(self._absent(entry))
            if absent and entry.maker is not None:
                self._make(entry)
                continue
            for file in absent:
                self._bring(entry, file, fetcher, progress)
                log.info("%s/%s is here", entry.name, file.name)
        shutil.rmtree(packages, ignore_errors=True)

    def locate(self, name: str) -> Path:
        """The file of an entry of one file, the folder of an entry of several.

        Raises:
            ConfigError: the name is unknown.
            MissingError: not all of it is here; the message has the line that brings it.
        """
        entry = self.known.entry(name)
        if not all(self._has(entry, file) for file in entry.files):
            raise MissingError(self._absent(entry))
        return self._path(entry)

    def listing(self) -> tuple[Status, ...]:
        """Every entry and whether it is here (by size; `verify` reads the files)."""
        return tuple(self._status(entry, thorough=False) for entry in self.known.entries.values())

    def verify(self) -> tuple[Status, ...]:
        """Every entry of which something is here, with every file read and hashed."""
        statuses = (self._status(entry, thorough=True) for entry in self.known.entries.values())
        return tuple(status for status in statuses if status.state is not State.ABSENT)

    def import_file(self, path: Path) -> Status:
        """Take in a file that its owner brought.

        A file of the catalogue is recognised by its digest, a published checkpoint by the names
        and shapes of its tensors (read without running any code in it).

        Raises:
            InputError: it cannot be read, or is neither.
        """
        try:
            entry, file = self._recognise(path)
            with self._placing(entry, file) as temporary:
                shutil.copyfile(path, temporary)
        except OSError as error:
            raise InputError(f"cannot import {path}: {error.strerror or error}") from error
        return self._status(entry, thorough=False)

    def _recognise(self, path: Path) -> tuple[Entry, PinnedFile]:
        size = path.stat().st_size
        pairs = [
            (entry, file)
            for entry in self.known.entries.values()
            for file in entry.files
            if file.size == size
        ]
        if pairs:
            digest = digest_file(path)
            for entry, file in pairs:
                if file.sha256 == digest:
                    return entry, file
        return self._recognise_checkpoint(path)

    def _recognise_checkpoint(self, path: Path) -> tuple[Entry, PinnedFile]:
        from lipsync import checkpoint  # imports torch, which nothing else here needs
        from lipsync.errors import CheckpointError

        by_owner = [entry for entry in self.known.entries.values() if entry.imported is not None]
        # the two published generators have the same tensors: their file names tell them apart
        by_owner.sort(key=lambda entry: ("gan" in entry.name) != ("gan" in path.stem.lower()))
        for entry in by_owner:
            assert entry.imported is not None
            try:
                checkpoint.load(path, checkpoint.KINDS[entry.imported])
            except CheckpointError as error:
                log.info("%s is not %s: %s", path.name, entry.name, error)
                continue
            return entry, entry.files[0]
        choices = ", ".join(entry.files[0].name for entry in by_owner)
        raise InputError(
            f"{path.name} is no file of the catalogue and no published checkpoint ({choices})"
        )

    def _bring(self, entry: Entry, file: PinnedFile, fetcher: Fetcher, progress: Progress) -> None:
        label = f"{entry.name}/{file.name}"
        total = file.size or 0
        found = self._find_nearby(entry, file)

        def arriving(done: int) -> None:
            progress(label, min(done, total - 1), total)  # complete once the digest is checked

        with self._placing(entry, file) as temporary:
            if found is not None:
                shutil.copyfile(found, temporary)
                progress(label, total, total)
                return
            answers = []
            for number, source in enumerate(file.sources):
                partial = fetcher.folder / f"{file.sha256}.{number}.part"
                try:
                    fetcher.fetch(source, file, partial, arriving)
                except SourceError as error:
                    answers.append(str(error))
                    continue
                if not _matches(partial, file):
                    partial.unlink()
                    answers.append(f"source {number + 1} gave another file than the pinned one")
                    continue
                partial.replace(temporary)
                progress(label, total, total)
                return
        raise MissingError(
            f"could not get {label}: {'; '.join(answers)}. With the file at hand, "
            f"`f2f models import FILE` takes it (SHA-256 {file.sha256})"
        )

    def _find_nearby(self, entry: Entry, file: PinnedFile) -> Path | None:
        candidates = (
            place
            for folder in self.nearby
            for place in (folder / entry.name / file.name, folder / Path(file.name).name)
        )
        return next((place for place in candidates if _matches(place, file)), None)

    def _make(self, entry: Entry) -> None:
        assert entry.maker is not None and entry.made_from is not None
        module, _, function = entry.maker.partition(":")
        make = getattr(importlib.import_module(module), function)
        log.info("%s is being made from %s", entry.name, entry.made_from)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=self.folder) as place:
            made = Path(place)
            single = len(entry.files) == 1
            make(self.locate(entry.made_from), made / entry.files[0].name if single else made)
            for file in entry.files:
                with self._placing(entry, file) as temporary:
                    (made / file.name).replace(temporary)

    @contextmanager
    def _placing(self, entry: Entry, file: PinnedFile) -> Iterator[Path]:
        """A temporary path that takes the file's place if the block ends well."""
        target = self.folder / entry.name / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".placing-", dir=target.parent))
        try:
            yield place / target.name
            if not (place / target.name).exists():
                return
            if file.sha256 is None:
                digest = digest_file(place / target.name)
                _record(target).write_text(digest + "\n", encoding="ascii")
            (place / target.name).replace(target)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _status(self, entry: Entry, *, thorough: bool) -> Status:
        here = [file for file in entry.files if (self.folder / entry.name / file.name).exists()]
        whole = self._intact if thorough else self._has
        if len(here) < len(entry.files):
            state = State.ABSENT
        else:
            state = State.HERE if all(whole(entry, file) for file in here) else State.DAMAGED
        return Status(entry, state, self._path(entry))

    def _has(self, entry: Entry, file: PinnedFile) -> bool:
        path = self.folder / entry.name / file.name
        if file.sha256 is None:
            return path.is_file() and _record(path).is_file()
        return path.is_file() and path.stat().st_size == file.size

    def _intact(self, entry: Entry, file: PinnedFile) -> bool:
        path = self.folder / entry.name / file.name
        if file.sha256 is not None:
            return _matches(path, file)
        return self._has(entry, file) and digest_file(path) == _record(path).read_text().strip()

    def _path(self, entry: Entry) -> Path:
        folder = self.folder / entry.name
        return folder / entry.files[0].name if len(entry.files) == 1 else folder

    def _absent(self, entry: Entry) -> str:
        if entry.imported is not None:
            return (
                f"{entry.files[0].name} must be brought by you: `f2f models import FILE` "
                f"(licence: {entry.licence})"
            )
        megabytes = f", {entry.size / 1e6:.0f} MB" if entry.size else ""
        return f"the weights '{entry.name}' are not here: f2f models pull {entry.name}{megabytes}"


def _matches(path: Path, file: PinnedFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size and digest_file(path) == file.sha256


def _record(path: Path) -> Path:
    return path.with_name(path.name + RECORD)
