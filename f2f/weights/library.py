"""The local library: files that were each checked by their digest on the way in."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from f2f.errors import InputError, MissingError, StoreError, why
from f2f.store.stage import Progress, silent
from f2f.weights import shelf
from f2f.weights.catalogue import SOURCE, Catalogue, Entry, PinnedFile
from f2f.weights.download import SourceError, matches
from f2f.weights.makers import MAKERS, Maker
from f2f.weights.recognition import recognise
from f2f.weights.shelf import PARTS, Shelf
from f2f.weights.sources import Fetcher

log = logging.getLogger(__name__)


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
    """Weights in a folder, which several processes may share.

    Args:
        folder: one subfolder an entry; made on first use.
        known: the catalogue.
        nearby: local folders to look through before any network is used.
        shipped: folders of our own distributions, whose files are used where they lie.
        makers: by the names that the catalogue uses.
    """

    folder: Path
    known: Catalogue
    nearby: tuple[Path, ...] = ()
    shipped: tuple[Path, ...] = ()
    makers: Mapping[str, Maker] = field(default_factory=lambda: MAKERS)

    def pull(self, names: Iterable[str], progress: Progress = silent) -> None:
        """Bring every file of the named sets and entries that is not here yet.

        Processes that share the folder pull one after the other: the second finds what the first
        brought.

        Raises:
            ConfigError: a name is unknown.
            MissingError: no source gives a file; the message says what each answered.
            StoreError: the folder cannot be written, or the disk is full.
        """
        entries = [entry for entry in self.known.select(names) if self._lacks(entry)]
        if not entries:
            return
        try:
            with self._shelf.alone():
                fetcher = Fetcher(self.folder / PARTS)
                for entry in entries:
                    for file in self._lacks(entry):
                        self._bring(entry, file, fetcher, progress)
                shutil.rmtree(self.folder / PARTS, ignore_errors=True)
        except OSError as error:
            raise StoreError(f"cannot keep weights in {self.folder}: {why(error)}") from error

    def locate(self, name: str) -> Path:
        """The file of an entry of one file, the folder of an entry of several.

        Raises:
            ConfigError: the name is unknown.
            MissingError: not all of it is here; the message has the line that brings it.
        """
        entry = self.known.entry(name)
        if self._lacks(entry):
            raise MissingError(_absent(entry))
        return self._home(entry)

    def listing(self) -> tuple[Status, ...]:
        """Every entry and whether it is here (by size; `verify` reads the files)."""
        return tuple(self._status(entry, thorough=False) for entry in self.known.entries.values())

    def verify(self) -> tuple[Status, ...]:
        """Every entry of which something is here, with every file read and hashed."""
        statuses = (self._status(entry, thorough=True) for entry in self.known.entries.values())
        return tuple(status for status in statuses if status.state is not State.ABSENT)

    def import_file(self, path: Path) -> Status:
        """Take in a file that its owner brought; see `recognise`.

        Raises:
            InputError: it cannot be read, or is nothing that is known.
        """
        try:
            entry, file = recognise(path, self.known)
            with self._shelf.alone(), self._shelf.placing(entry, file) as temporary:
                shutil.copyfile(path, temporary)
        except OSError as error:
            raise InputError(f"cannot import {path}: {why(error)}") from error
        return self._status(entry, thorough=False)

    @property
    def _shelf(self) -> Shelf:
        return Shelf(self.folder)

    def _lacks(self, entry: Entry) -> tuple[PinnedFile, ...]:
        if self._ships(entry) is not None:
            return ()
        return tuple(file for file in entry.files if not self._shelf.has(entry, file))

    def _ships(self, entry: Entry) -> Path | None:
        """The folder of our own distributions that holds all of the entry."""
        for folder in self.shipped:
            if all(matches(folder / file.name, file) for file in entry.files):
                return folder
        return None

    def _home(self, entry: Entry) -> Path:
        folder = self._ships(entry)
        return self._shelf.home(entry) if folder is None else shelf.home(folder, entry)

    def _status(self, entry: Entry, *, thorough: bool) -> Status:
        whole = self._shelf.intact if thorough else self._shelf.has
        if self._ships(entry) is not None:
            state = State.HERE
        elif not all(self._shelf.exists(entry, file) for file in entry.files):
            state = State.ABSENT
        else:
            state = State.HERE if all(whole(entry, file) for file in entry.files) else State.DAMAGED
        return Status(entry, state, self._home(entry))

    def _bring(self, entry: Entry, file: PinnedFile, fetcher: Fetcher, progress: Progress) -> None:
        if self._shelf.has(entry, file):  # made together with the one before
            return
        if entry.maker is not None:
            self._make(entry)
        elif file.sources or self._find_nearby(entry, file) is not None:
            self._fetch(entry, file, fetcher, progress)
        else:
            raise MissingError(_absent(entry))
        log.info("%s/%s is here", entry.name, file.name)

    def _fetch(self, entry: Entry, file: PinnedFile, fetcher: Fetcher, progress: Progress) -> None:
        label = f"{entry.name}/{file.name}"
        total = file.size or 0

        def arriving(done: int) -> None:
            progress(label, min(done, total - 1), total)  # complete once the digest is checked

        with self._shelf.placing(entry, file) as temporary:
            found = self._find_nearby(entry, file)
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
        return next((place for place in candidates if matches(place, file)), None)

    def _make(self, entry: Entry) -> None:
        assert entry.maker is not None and entry.made_from is not None
        log.info("%s is being made from %s", entry.name, entry.made_from)
        with self._shelf.scratch() as place:
            made = Path(place)
            self.makers[entry.maker](self.locate(entry.made_from), shelf.home(made, entry))
            for file in entry.files:
                with self._shelf.placing(entry, file) as temporary:
                    (made / file.name).replace(temporary)


def _absent(entry: Entry) -> str:
    if entry.imported is not None:
        return (
            f"{entry.files[0].name} must be brought by you: `f2f models import FILE` "
            f"(licence: {entry.licence})"
        )
    if entry.shipped is not None:
        package = (
            f" and in our package {entry.shipped}, which `make wheel` builds there: "
            f"pip install dist/{entry.shipped.replace('-', '_')}-*.whl"
            if entry.shipped != SOURCE
            else ""
        )
        return f"the weights '{entry.name}' lie in lipsync/weights of the source{package}"
    megabytes = f", {entry.size / 1e6:.0f} MB" if entry.size else ""
    return f"the weights '{entry.name}' are not here: f2f models pull {entry.name}{megabytes}"
