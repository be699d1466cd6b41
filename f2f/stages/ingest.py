"""Ingest: look at the source, keep it, and take out its sound at the rates that are needed."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

from f2f import media
from f2f.media.timeline import exact_time
from f2f.roles import SPEECH_RATE
from f2f.store.stage import Work, stage

SPEECH, SOUND = "speech.wav", "sound.wav"
"""Mono at 16 kHz for recognisers; stereo at 48 kHz for the mix.  Absent without sound."""

_PLAIN_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@stage(version=1, settings=lambda config: ())
def ingest(work: Work, video: Path) -> None:
    """Probe `video` (VideoInfo) and put it and its sound into the artefact.

    Raises:
        InputError: the file cannot be used, and why.
    """
    info = media.probe(video)
    kept = work.folder / f"source{video.suffix if _PLAIN_SUFFIX.fullmatch(video.suffix) else ''}"
    if info.has_audio:
        media.extract_sound(
            video,
            (work.folder / SPEECH, SPEECH_RATE, 1),
            (work.folder / SOUND, media.SOUND_RATE, 2),
            start=info.start,
            duration=exact_time(info.frames, info.fps),
        )
    _keep(video, kept)
    work.write(replace(info, path=kept.name))


def _keep(video: Path, kept: Path) -> None:
    """A hard link where the file system allows one, else a copy."""
    try:
        os.link(video.resolve(), kept)
    except OSError:
        shutil.copyfile(video, kept)
