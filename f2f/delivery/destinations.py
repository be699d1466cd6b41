"""Where a result goes: found out before hours of work."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from f2f.config import Config
from f2f.delivery.files import Result
from f2f.errors import InputError, unwritable
from f2f.safe_names import relative_name

VIDEO, SOUND = (".mp4", ".m4v", ".mov"), (".wav",)
"""Suffixes that say truly what is written."""


def check(target: Path, *, sources: tuple[Path, ...], suffixes: tuple[str, ...]) -> Path:
    """`target`, if a file of that kind can be written there without losing a source.

    Raises:
        InputError: another suffix, a folder, one of the sources, or a place that cannot be written.
        StoreError: the disk is full.
    """
    if target.is_dir():
        raise InputError(f"{target} is a folder: give the result's name too")
    if target.suffix.lower() not in suffixes:
        raise InputError(
            f"the result is {_kind(suffixes)}: {target.name!r} must end in {suffixes[0]}"
        )
    if is_one_of(target, sources):
        raise InputError(f"{target} is the source itself; give another name with -o")
    folder = next(one for one in target.absolute().parents if one.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            return target
    except OSError as error:
        raise unwritable(target, error) from error


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
    )
    return tuple(file for file in files if file is not None)


def is_one_of(place: Path, sources: Iterable[Path]) -> bool:
    """True if the place is that of a source, under whatever name."""
    return place.exists() and any(one.exists() and place.samefile(one) for one in sources)


def _kind(suffixes: tuple[str, ...]) -> str:
    return "an MP4 video" if suffixes == VIDEO else "a sound file"
