"""The parts of the edits file that the stages depend on: each hashes no more than it applies."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from f2f.config import Config
from f2f.edits import book, changes, lines
from f2f.edits.book import Book
from f2f.edits.changes import Change
from f2f.edits.lines import Lines
from f2f.errors import InputError
from f2f.store.digests import digest_given
from f2f.types import Transcript


def of(config: Config) -> Book:
    """The edits that a configuration names; an empty book if it names none.

    Raises:
        InputError: the file cannot be used.
    """
    path = config.review.edits
    if path is None:
        return Book()
    return _read(path, digest_given(path), config.languages.target)


def shape(config: Config) -> Any:
    """What decides which lines there are, when, and who speaks them; None if nothing does."""
    return _named(of(config), map(changes.outline, shaping(of(config))))


def heard(config: Config) -> Any:
    """What decides the corrected hearing; None if nothing does."""
    return _named(of(config), map(_plain, hearing(of(config))))


def everything(config: Config) -> Any:
    """What decides the corrected translation; None if nothing does."""
    return _named(of(config), map(_plain, of(config).changes))


def shaping(edits: Book) -> tuple[Change, ...]:
    """The changes of lines' times and speakers."""
    return tuple(change for change in edits.changes if change.shapes)


def hearing(edits: Book) -> tuple[Change, ...]:
    """Those and the changes of what was heard."""
    return tuple(one for one in edits.changes if one.shapes or isinstance(one, changes.Hear))


def applied(transcript: Transcript, edits: Book, chosen: Iterable[Change]) -> Lines:
    """Some of the changes on what was heard.

    Raises:
        InputError: they were made on another hearing of the video, or cannot be made.
    """
    if edits.hearing not in (None, book.hearing_of(transcript)):
        raise InputError(
            "the edits were made on another hearing of this video (another recogniser, model or "
            "transcript), so that their lines mean others: translate it with the same options"
        )
    return lines.of(transcript, chosen)


@functools.lru_cache(maxsize=16)
def _read(path: Path, _digest: str, language: str | None) -> Book:
    return book.read(path, language)


def _named(edits: Book, parts: Iterable[Any]) -> Any:
    given = list(parts)
    return [edits.hearing, given] if given else None


def _plain(change: Change) -> dict[str, Any]:
    return changes.plain(change.model_copy(update={"at": None}))
