"""Mix: the new speech over the source's background."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import soundfile

from f2f.backends import resolve
from f2f.config import Config
from f2f.errors import MissingError
from f2f.roles import Separator
from f2f.soundtrack import mixing
from f2f.stages.ingest import SOUND
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import SpeechTrack, Transcript, VideoInfo

_SEPARATED = "separated.wav"


def _settings(config: Config) -> Any:
    separator = _separator(config)
    return config.soundtrack, separator.identity(config) if separator is not None else None


def _packages(config: Config) -> Iterable[str]:
    separator = _separator(config)
    yield from ("numpy", "scipy", "soundfile")
    yield from separator.info.packages if separator is not None else ()


def _separator(config: Config) -> type[Separator] | None:
    """The backend that takes the voices out; None where none is asked for."""
    if config.soundtrack.background != "separate":
        return None
    return resolve("separation", config.soundtrack.separator)


@stage(version=4, settings=_settings, packages=_packages)
def mix(work: Work, speech: Artefact, source: Artefact, *heard: Artefact) -> None:
    """Write sound.wav (48 kHz stereo, as long as the speech's file) and a `soundtrack.Mix`.

    Args:
        work: where to write.
        speech: SpeechTrack.
        source: VideoInfo with its sound.
        heard: the source's transcript, where there is one: the background is ducked under the
            original voice as well, so that it does not stand out where the dub is shorter.
            There is none where the speech is a given recording.
    """
    info = work.read(source, VideoInfo)
    track = work.read(speech, SpeechTrack)
    voice = work.path(speech, track.audio)
    original = work.path(source, SOUND) if info.has_audio else None
    spans = [placement.span for placement in track.placements]
    for transcript in heard:
        spans += [segment.span for segment in work.read(transcript, Transcript).segments]
    work.write(
        mixing.blend(
            voice,
            _background(work, original, recording=not heard),
            work.folder / SOUND,
            samples=soundfile.info(voice).frames,
            spoken=spans,
            options=work.config.soundtrack,
            reference=original,
        )
    )
    (work.folder / _SEPARATED).unlink(missing_ok=True)


def _background(work: Work, original: Path | None, *, recording: bool) -> Path | None:
    """The sound to keep under the speech; None for none."""
    asked = work.config.soundtrack.background
    if original is None or asked == "none" or (asked == "auto" and recording):
        return None
    backend = _separator(work.config)
    if backend is None:
        return original
    if gap := backend.missing(work.config):
        raise MissingError(f"background=separate: {gap} (or use duck or none)")
    separated = work.folder / _SEPARATED
    with backend(work.config) as separator:
        separator.background(original, separated)
    return separated
