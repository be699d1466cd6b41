"""The files of an artefact as its meta.json knows them: name, digest, size and time of change.

The names come from whoever wrote the store, so none may lead out of the artefact's folder.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import TypeAdapter

from f2f.errors import InputError
from f2f.safe_names import relative_name
from f2f.store.digests import digest_file

META = "meta.json"
_LONGEST_NAME = 255
"""Bytes of one part of a name that every common file system holds."""


class DamageError(Exception):
    """A meta.json that is missing, no JSON, or names files as nobody of us would."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a payload file was when its artefact was made."""

    sha256: str
    size: int
    """Bytes."""
    modified_ns: int
    """Time of the last change, in nanoseconds since 1970."""


Contents = Mapping[PurePosixPath, FileFacts]


def facts(folder: Path) -> dict[str, dict[str, Any]]:
    """What meta.json says of the files that lie in a folder, as plain values."""
    return {
        path.relative_to(folder).as_posix(): asdict(
            FileFacts(digest_file(path), path.stat().st_size, path.stat().st_mtime_ns)
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def listed(folder: Path) -> Contents:
    """The files that the folder's meta.json lists.

    Raises:
        DamageError: the list cannot be read, or a name in it leads out of the folder.
    """
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
        found = TypeAdapter(dict[str, FileFacts]).validate_python(meta["files"])
        return {_name(name): item for name, item in found.items()}
    except (OSError, ValueError, KeyError, TypeError, InputError) as error:
        raise DamageError(str(error)) from error


def untouched(folder: Path, contents: Contents) -> bool:
    """True if every file has its size and its time of change: costs no reading."""
    try:
        stats = {name: (folder / name).stat() for name in contents}
    except OSError:
        return False
    return all(
        (stats[name].st_size, stats[name].st_mtime_ns) == (item.size, item.modified_ns)
        for name, item in contents.items()
    )


def intact(folder: Path, contents: Contents) -> bool:
    """True if every file has its content; one whose time of change was lost gets it back."""
    try:
        right = all(digest_file(folder / name) == item.sha256 for name, item in contents.items())
    except OSError:
        return False
    if right:
        for name, item in contents.items():
            with contextlib.suppress(OSError):  # a read-only store is good enough to read
                os.utime(folder / name, ns=(item.modified_ns, item.modified_ns))
    return right


def _name(text: str) -> PurePosixPath:
    name = relative_name(text)
    too_long = any(len(part.encode()) > _LONGEST_NAME for part in name.parts)
    if too_long or name == PurePosixPath(META):
        raise InputError(f"{text!r} cannot be the name of a payload file")
    return name
