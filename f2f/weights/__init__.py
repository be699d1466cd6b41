"""Weights: every file known by SHA-256 and size, whoever carries it.

    pull(["default"])           bring what a set or an entry names; resumes, and repeats nothing
    locate("wespeaker")         where it lies, or a MissingError with the line that brings it
    verify()                    hash what is here again
    listing()                   what there is, with licence, size and state
    import_file(path)           take in a file that its owner brought (published checkpoints too)

Files lie in `<cache>/weights/<entry>/`; the cache is `~/.cache/f2f`, or the folder in `F2F_CACHE`.
`F2F_WEIGHTS` may list local folders (separated like PATH) that are looked through before any
network is used.  Whatever the source, a file is taken only if its size and digest match.  What was
trained here comes with the source, or in the distribution `face-to-face-weights`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from f2f.errors import MissingError
from f2f.store.stage import Progress, silent
from f2f.weights.catalogue import Catalogue, Entry, PinnedFile, catalogue
from f2f.weights.library import Library, State, Status

__all__ = [
    "Catalogue",
    "Entry",
    "Library",
    "PinnedFile",
    "State",
    "Status",
    "cache_folder",
    "catalogue",
    "import_file",
    "library",
    "listing",
    "locate",
    "missing",
    "pull",
    "verify",
]

PACKAGE = "face_to_face_weights"
"""What the distribution of our own weights is imported as: a folder of data."""


def cache_folder() -> Path:
    """`~/.cache/f2f`, or the folder in `F2F_CACHE`."""
    return Path(os.environ.get("F2F_CACHE") or "~/.cache/f2f").expanduser()


def library() -> Library:
    """The library that the environment asks for."""
    nearby = (Path(part) for part in os.environ.get("F2F_WEIGHTS", "").split(os.pathsep) if part)
    return Library(cache_folder() / "weights", catalogue(), tuple(nearby), _shipped())


def _shipped() -> tuple[Path, ...]:
    """Where our own weights lie: beside `lipsync` in a source checkout, and in their package."""
    package = find_spec(PACKAGE)
    locations = (package and package.submodule_search_locations) or ()
    return (Path(str(files("lipsync") / "weights")), *map(Path, locations))


def pull(names: Iterable[str] = ("default",), progress: Progress = silent) -> None:
    """Bring sets and entries by name; see `Library.pull`."""
    library().pull(names, progress)


def locate(name: str) -> Path:
    """The entry's file, or its folder when it has several files; see `Library.locate`."""
    return library().locate(name)


def missing(*names: str) -> str | None:
    """One sentence with the line that brings the entries that are not here, else None."""
    for name in names:
        try:
            locate(name)
        except MissingError as error:
            return str(error)
    return None


def listing() -> tuple[Status, ...]:
    """Every entry of the catalogue and its state; see `Library.listing`."""
    return library().listing()


def verify() -> tuple[Status, ...]:
    """Every entry that is here, hashed again; see `Library.verify`."""
    return library().verify()


def import_file(path: Path) -> Status:
    """Take in a file that its owner brought; see `Library.import_file`."""
    return library().import_file(path)
