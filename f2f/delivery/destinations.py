"""Where a result goes: found out before hours of work."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import regex

from f2f.config import Config
from f2f.delivery.files import Result
from f2f.errors import InputError, unwritable
from f2f.safe_names import relative_name

VIDEO, SOUND = (".mp4", ".m4v", ".mov"), (".wav",)
"""Suffixes that say truly what is written."""
_LONGEST_ENDING = ".sources.dub.99.json"
"""Of what is written beside a result, in place of its suffix."""
_SHORTEST = 255
"""Bytes of a name that every common file system holds, where it does not say."""


def check(target: Path, *, sources: tuple[Path, ...], suffixes: tuple[str, ...]) -> Path:
    """`target`, if a file of that kind can be written there without losing a source.

    Raises:
        InputError: another suffix, a folder, one of the sources, a name that is too long for what
            is written beside it too, or a place that cannot be written.
        StoreError: the disk is full.
    """
    _check_length(target)
    if target.is_dir():
        raise InputError(f"{target} is a folder: give the result's name too")
    if target.suffix.lower() not in suffixes:
        raise InputError(
            f"the result is {_kind(suffixes)}: {target.name!r} must end in {suffixes[0]}"
        )
    if is_one_of(target, sources):
        raise InputError(f"{target} is the source itself; give another name with -o")
    try:
        with tempfile.TemporaryFile(dir=_existing(target.absolute().parent)):
            return target
    except OSError as error:
        raise unwritable(target, error) from error


def named(stem: str, ending: str, folder: Path = Path()) -> Path:
    """`<stem><ending>` in a folder, for a result whose name nobody gave.

    Where it, or the longest name beside it, would be too long for the file system, the stem is cut
    between two letters, and a digest keeps it apart from others that begin alike.

    Args:
        stem: of the source.
        ending: such as ".hi.mp4".
        folder: where it goes; need not be there yet.
    """
    rest = ending.rpartition(".")[0] + _LONGEST_ENDING
    room = _longest_name(folder) - len(os.fsencode(rest))
    if len(os.fsencode(stem)) <= room:
        return folder / f"{stem}{ending}"
    digest = hashlib.sha256(os.fsencode(stem)).hexdigest()[:8]
    return folder / f"{_cut(stem, room - len(digest) - 1)}-{digest}{ending}"


def places_of(result: Result, output: Path) -> dict[str, Path]:
    """Where each file of a result belongs, by its name in the artefact: talk.hi.mp4, talk.hi.srt,
    talk.en.srt, and so on.

    Raises:
        InputError: a name is not that of a file of ours, so that it might lead anywhere.
    """
    for name in (result.video, result.sidecar, *result.subtitles):
        if relative_name(name).parts != (name,):
            raise InputError(f"{name!r} cannot be a file of a result")
    own = output.stem  # talk.hi of talk.hi.mp4
    languages = {Path(name).suffixes[0].removeprefix(".") for name in result.subtitles}
    name, _, last = own.rpartition(".")
    shared = name if name and last in languages else own  # talk
    places = {result.video: output, result.sidecar: output.with_name(f"{own}.sources.json")}
    for file in result.subtitles:
        places[file] = output.with_name(shared + file.removeprefix(Path(result.video).stem))
    return places


def beside(place: Path) -> Path:
    """What a result is called where its own name is taken: talk.hi.srt, talk.hi.dub.srt."""
    return place.with_stem(f"{place.stem}.dub")


def given_files(config: Config) -> tuple[Path, ...]:
    """What a person wrote for this run."""
    files = (
        config.recognition.transcript,
        config.translation.translation,
        config.translation.glossary,
        config.speech.voices,
        config.review.edits,
    )
    return tuple(file for file in files if file is not None)


def is_one_of(place: Path, sources: Iterable[Path]) -> bool:
    """True if the place is that of a source, under whatever name."""
    return place.exists() and any(one.exists() and place.samefile(one) for one in sources)


def _check_length(target: Path) -> None:
    """Refuse a path in which a name is longer than the file system holds."""
    longest = _longest_name(target.parent)
    beside = target.stem + _LONGEST_ENDING
    for name in (*target.absolute().parts[:-1], beside):
        if (over := len(os.fsencode(name)) - longest) > 0:
            shown = target.name if name == beside else name
            raise InputError(
                f"the name {shown!r} is too long, with what is written beside it by {over} bytes:"
                " give a shorter one with -o"
            )


def _longest_name(folder: Path) -> int:
    """Bytes of a name there."""
    with contextlib.suppress(OSError, ValueError):
        return os.pathconf(_existing(folder.absolute()), "PC_NAME_MAX")
    return _SHORTEST


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    for one in (folder, *folder.parents):
        if os.path.lexists(one):
            return one
    return Path(folder.anchor)


def _cut(text: str, size: int) -> str:
    """As many whole letters, with their vowel signs and accents, as have `size` bytes in UTF-8."""
    kept = ""
    for letter in regex.findall(r"\X", text):
        if len(os.fsencode(kept + letter)) > size:
            break
        kept += letter
    return kept


def _kind(suffixes: tuple[str, ...]) -> str:
    return "an MP4 video" if suffixes == VIDEO else "a sound file"
