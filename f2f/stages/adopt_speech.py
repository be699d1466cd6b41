"""A recording takes the place of synthetic speech: `f2f lipsync FACE SPEECH`."""

from __future__ import annotations

import logging
from pathlib import Path

import soundfile

from f2f.media import ExactWriter, extract_sound
from f2f.media.timeline import duration_in_samples, samples_of
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.timing.speech_track import RATE
from f2f.types import Placement, Span, SpeechTrack, VideoInfo

log = logging.getLogger(__name__)

AUDIO = "speech.wav"
CUT = "cut"
"""Flag: the recording is longer than the video, and its end is left out."""
NOTHING = 0.05
"""Seconds that may be cut without a word about it."""
_BLOCK = 1 << 16


@stage(version=2, settings=lambda config: (), packages=lambda config: ("av", "soundfile"))
def adopt_speech(work: Work, recording: Path, source: Artefact) -> None:
    """Recording, source → SpeechTrack of one placement; as long as the video, unless still.

    Raises:
        InputError: the recording has no sound.
    """
    info = work.read(source, VideoInfo)
    whole = work.folder / "whole.wav"
    extract_sound(recording, (whole, RATE, 1))
    with soundfile.SoundFile(whole) as sound:
        heard = len(sound)
        samples = heard if info.still else duration_in_samples(info.frames, info.fps, RATE)
        with ExactWriter(work.folder / AUDIO, RATE, channels=1, samples=samples) as writer:
            for block in sound.blocks(_BLOCK, dtype="float32", always_2d=True):
                writer.write(block)
    whole.unlink()
    flags: tuple[str, ...] = ()
    if heard > samples + samples_of(NOTHING, RATE):
        log.warning(
            "the recording is %.1f s longer than the video and is cut", (heard - samples) / RATE
        )
        flags = (CUT,)
    end = min(heard, samples) / RATE
    work.write(SpeechTrack((Placement(0, Span(0.0, end), 1.0, flags),), AUDIO, RATE))
