"""Where a result goes: found out before hours of work, and written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from f2f import processes
from f2f.config import Config
from f2f.delivery import Result
from f2f.errors import InputError
from f2f.store import Artefact, Store

VIDEO, SOUND = (".mp4", ".m4v", ".mov"), (".wav",)
"""Suffixes that say truly what is written."""
_TEMPORARY = ".f2f-"


def check(target: Path, *, sources: tuple[Path, ...], suffixes: tuple[str, ...]) -> Path:
    """`target`, if a file of that kind can be written there without losing a source.

    Raises:
        InputError: another suffix, a folder, one of the sources, or a place that cannot be written.
    """
    if target.is_dir():
        raise InputError(f"{target} is a folder: give the result's name too")
    if target.suffix.lower() not in suffixes:
        raise InputError(
            f"the result is {_kind(suffixes)}: {target.name!r} must end in {suffixes[0]}"
        )
    if _is_one_of(target, sources):
        raise InputError(f"{target} is the source itself; give another name with -o")
    folder = next(one for one in target.absolute().parents if one.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            return target
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror or error}") from error


def deliver_to(
    store: Store, artefact: Artefact, output: Path, *, sources: tuple[Path, ...] = ()
) -> tuple[Path, ...]:
    """Copy a result to `output` and beside it: talk.hi.mp4, talk.hi.srt, talk.en.srt, and so on.

    Args:
        store: where the result lies.
        artefact: of `deliver`.
        output: the video's place.
        sources: files that must stay; see `sparing`.
    """
    places = places_of(store.read(artefact, Result), output, sources=sources)
    for name, place in places.items():
        copy_whole(store.path(artefact, name), place)
    return tuple(places.values())


def places_of(result: Result, output: Path, *, sources: tuple[Path, ...] = ()) -> dict[str, Path]:
    """Where each file of a result is delivered to, by its name in the artefact."""
    own = output.stem  # talk.hi of talk.hi.mp4
    languages = {Path(name).suffixes[0].removeprefix(".") for name in result.subtitles}
    name, _, last = own.rpartition(".")
    shared = name if name and last in languages else own  # talk
    places = {result.video: output, result.sidecar: output.with_name(f"{own}.sources.json")}
    for file in result.subtitles:
        place = output.with_name(shared + file.removeprefix(Path(result.video).stem))
        places[file] = sparing(place, sources)
    return places


def copy_whole(source: Path, target: Path) -> None:
    """Copy so that `target` is either as before or complete."""
    make_whole(target, lambda temporary: shutil.copyfile(source, temporary))


def make_whole(target: Path, fill: Callable[[Path], object]) -> None:
    """Let `fill` write a temporary sibling, then rename it: `target` is as before or complete.

    Raises:
        InputError: the folder cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        name = f"{_TEMPORARY}{processes.here().token}-"
        handle, name = tempfile.mkstemp(prefix=name, dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            fill(temporary)
            temporary.chmod(0o644)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror or error}") from error


def _sweep(folder: Path) -> None:
    """Remove what killed runs of this machine left there."""
    for file in folder.glob(f"{_TEMPORARY}*"):
        owner = processes.parse(file.name)
        if owner is not None and owner.gone:
            file.unlink(missing_ok=True)


def sparing(place: Path, sources: Iterable[Path]) -> Path:
    """`place`, or the name beside it where a source lies there."""
    return beside(place) if _is_one_of(place, sources) else place


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


def _is_one_of(place: Path, sources: Iterable[Path]) -> bool:
    return place.exists() and any(one.exists() and place.samefile(one) for one in sources)


def _kind(suffixes: tuple[str, ...]) -> str:
    return "an MP4 video" if suffixes == VIDEO else "a sound file"
