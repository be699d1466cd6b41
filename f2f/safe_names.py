"""Names that come from outside, before they become paths here.

A name in an archive, a manifest or a remote store is somebody else's text: "../../.bashrc" or
"/etc/passwd" would be written wherever it points.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from f2f.errors import InputError

_UNNAMEABLE = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"/\\|?*]+')
"""What some file system refuses in a name, or what makes it look like another."""
_DRIVE = re.compile(r"[A-Za-z]:")


def relative_name(name: str) -> PurePosixPath:
    """The path of a name that stays inside whatever folder it is joined to.

    Args:
        name: "a/b.bin"; folders are separated by "/".

    Raises:
        InputError: the name is empty, absolute, has a drive, "..", a backslash or NUL.
    """
    path = PurePosixPath(name)
    faults = {
        "it is empty": not path.parts,
        "it is absolute": path.is_absolute(),
        "it has a drive": _DRIVE.match(name) is not None,
        "it leaves its folder": ".." in path.parts,
        "it has a backslash": "\\" in name,
        "it has a NUL": "\0" in name,
    }
    for fault, found in faults.items():
        if found:
            raise InputError(f"the name {name!r} cannot be used for a file: {fault}")
    return path


def file_stem(title: str) -> str:
    """A title as the name of a file, without its suffix, on any file system; never empty.

    Args:
        title: any text; slashes, quotes, control and direction marks become a space.
    """
    plain = " ".join(_UNNAMEABLE.sub(" ", title).split()).strip(". ").lstrip("-~ ")
    return str(relative_name(plain or "untitled"))
