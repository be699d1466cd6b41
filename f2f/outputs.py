"""Where a result may go, found out before hours of work and not after."""

from __future__ import annotations

import tempfile
from pathlib import Path

from f2f.errors import InputError

VIDEO, SOUND = (".mp4", ".m4v", ".mov"), (".wav",)
"""Suffixes that say truly what is written."""


def check(target: Path, *, sources: tuple[Path, ...], suffixes: tuple[str, ...]) -> Path:
    """`target`, if a file of that kind can be written there without losing a source.

    Raises:
        InputError: another suffix, a folder, one of the sources, or a place that cannot be written.
    """
    if target.suffix.lower() not in suffixes:
        raise InputError(
            f"the result is {_kind(suffixes)}: {target.name!r} must end in {suffixes[0]}"
        )
    if target.is_dir():
        raise InputError(f"{target} is a folder: give the result's name too")
    if target.exists() and any(one.exists() and target.samefile(one) for one in sources):
        raise InputError(f"{target} is the source itself; give another name with -o")
    folder = next(one for one in target.absolute().parents if one.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            return target
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror or error}") from error


def _kind(suffixes: tuple[str, ...]) -> str:
    return "an MP4 video" if suffixes == VIDEO else "a sound file"
