"""The edits file: all changes in their order, what was undone, and a version that only grows.

    format: 1
    language: hi
    hearing: 5f0c…          # which hearing of the video the numbers of the lines refer to
    version: 3
    changes:
    - {do: say, line: 4, text: …}
    - {do: time, line: 4, start: 12.1, end: 14.0}
    undone: []

It is written whole or not at all.  Whoever changes it says which version he has seen; if another
window or a person's editor was faster, nothing is written.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from f2f.edits import changes
from f2f.edits.changes import Change
from f2f.errors import ConfigError, InputError, unwritable, why
from f2f.store.digests import digest_json
from f2f.store.whole_files import make_whole
from f2f.text import language_codes
from f2f.types import Transcript

FORMAT = 1
LARGEST = 32 << 20
"""Bytes of an edits file that is read."""
_FIELDS = {"format", "language", "hearing", "version", "changes", "undone"}
_ABOUT = (
    "# A person's corrections: `f2f review` writes them, "
    "`f2f translate --edits THIS` applies them.\n"
)


class StaleError(InputError):
    """The edits were changed by somebody else in the meantime."""


@dataclass(frozen=True, slots=True)
class Book:
    """The content of an edits file."""

    language: str | None = None
    """Of the dub; None if it is not said."""
    hearing: str | None = None
    """`hearing_of` what was heard; None if it is not said."""
    version: int = 0
    changes: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = ()
    """What can be done again, the last undone change last."""

    def with_change(self, change: Change) -> Book:
        """One change more; nothing can be done again after it."""
        return replace(self, version=self.version + 1, changes=(*self.changes, change), undone=())

    def back(self) -> Book:
        """Without the last change.

        Raises:
            InputError: there is none.
        """
        if not self.changes:
            raise InputError("there is nothing to undo")
        *kept, last = self.changes
        return replace(
            self, version=self.version + 1, changes=tuple(kept), undone=(*self.undone, last)
        )

    def forth(self) -> Book:
        """With the change that was undone last.

        Raises:
            InputError: there is none.
        """
        if not self.undone:
            raise InputError("there is nothing to do again")
        *kept, last = self.undone
        return replace(
            self, version=self.version + 1, changes=(*self.changes, last), undone=tuple(kept)
        )


def hearing_of(heard: Transcript) -> str:
    """A name of what was heard: its lines and their times; edits refer to it by numbers."""
    lines = [[one.id, round(one.span.start, 3), one.text] for one in heard.segments]
    return digest_json([heard.language, lines])[:16]


def place_beside(video: Path) -> Path:
    """`talk.hi.mp4` has `talk.hi.edits.yaml`."""
    return video.with_suffix(".edits.yaml")


def read(path: Path, language: str | None = None) -> Book:
    """The book of a file.

    Args:
        path: the file.
        language: that the dub is in.

    Raises:
        InputError: the file is not there, cannot be read, is no edits file, or is of another
            language's dub.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path.name} is too large for an edits file")
        tree = yaml.load(path.read_text(encoding="utf-8"), _LOADER)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the edits {path}: {why(error)}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"cannot read the edits {path}: it is no YAML") from error
    book = _book(tree, path.name)
    if language is not None and book.language not in (None, language):
        raise InputError(f"{path.name} corrects a dub in '{book.language}', not in '{language}'")
    return book


def write(path: Path, book: Book, *, seen: int) -> None:
    """Put a book in place of one that is known.

    Args:
        path: the file; need not be there yet.
        book: its new content.
        seen: the version that the new content was made from; 0 if there was no file.

    Raises:
        StaleError: the file has another version by now.
        InputError: the file cannot be read or written.
        StoreError: the disk is full.
    """
    with _alone(path):
        here = read(path).version if path.exists() else 0
        if here != seen:
            raise StaleError(
                f"{path.name} was changed in another window: it is version {here}, "
                f"and you have seen version {seen}"
            )
        text = _text(book)
        make_whole(path, lambda place: place.write_text(text, encoding="utf-8"))


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _text(book: Book) -> str:
    tree = {
        "format": FORMAT,
        "language": book.language,
        "hearing": book.hearing,
        "version": book.version,
        "changes": [changes.plain(change) for change in book.changes],
        "undone": [changes.plain(change) for change in book.undone],
    }
    known = {name: value for name, value in tree.items() if value is not None}
    return _ABOUT + yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=100)


def _book(tree: Any, name: str) -> Book:
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise InputError(f"{name} is no edits file of format {FORMAT}")
    if unknown := set(tree) - _FIELDS:
        raise InputError(f"{name}: unknown field {sorted(map(str, unknown))[0]!r}")
    version, hearing = tree.get("version", 0), tree.get("hearing")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise InputError(f"{name}: version is a number from 0 on")
    if not isinstance(hearing, str | None):
        raise InputError(f"{name}: hearing is a text")
    return Book(
        _language(tree.get("language"), name),
        hearing,
        version,
        _changes(tree.get("changes"), f"{name}: change"),
        _changes(tree.get("undone"), f"{name}: undone change"),
    )


def _language(value: Any, name: str) -> str | None:
    if value is None:
        return None
    try:
        return language_codes.normalised("no" if value is False else str(value))
    except ConfigError as error:
        raise InputError(f"{name}: {error}") from error


def _changes(value: Any, what: str) -> tuple[Change, ...]:
    if not isinstance(value, list | None):
        raise InputError(f"{what}s are a list")
    return tuple(
        changes.read(tree, f"{what} {number}") for number, tree in enumerate(value or (), start=1)
    )


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While nobody else writes into the folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
