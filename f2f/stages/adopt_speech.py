"""A recording takes the place of synthetic speech: `f2f lipsync FACE SPEECH`."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path

import soundfile

from f2f.media import ExactWriter, extract_sound
from f2f.media.timeline import duration_in_samples, frames_until, samples_of
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.timing.speech_track import RATE
from f2f.types import Beyond, Placement, Span, SpeechTrack, VideoInfo

log = logging.getLogger(__name__)

AUDIO = "speech.wav"
CUT = "cut"
"""Flag: the recording is longer than the video, and its end is left out."""
_MEANWHILE = {
    "bounce": "meanwhile the video runs backwards and forwards again",
    "loop": "meanwhile the video starts anew",
    "hold": "meanwhile its last frame stays",
    "cut": "its end is left out",
}
NOTHING = 0.05
"""Seconds that may be cut without a word about it."""
_BLOCK = 1 << 16


@stage(
    version=3,
    settings=lambda config: config.lips.when_longer,
    packages=lambda config: ("av", "soundfile"),
)
def adopt_speech(work: Work, recording: Path, source: Artefact) -> None:
    """Recording, source → SpeechTrack of one placement; as long as a video, or for as many of its
    frames as it takes to say all.

    Raises:
        InputError: the recording has no sound.
    """
    info = work.read(source, VideoInfo)
    mode = work.config.lips.when_longer
    whole = work.folder / "whole.wav"
    extract_sound(recording, (whole, RATE, 1))
    with soundfile.SoundFile(whole) as sound:
        heard = len(sound)
        samples = heard if info.still else duration_in_samples(info.frames, info.fps, RATE)
        longer = heard - samples > samples_of(NOTHING, RATE)
        if longer and mode != CUT:
            frames = frames_until(Fraction(heard, RATE), info.fps)
            samples = duration_in_samples(frames, info.fps, RATE)
        with ExactWriter(work.folder / AUDIO, RATE, channels=1, samples=samples) as writer:
            for block in sound.blocks(_BLOCK, dtype="float32", always_2d=True):
                writer.write(block)
    whole.unlink()
    if longer:
        log.warning(
            "the recording is %.1f s longer than the video: %s (--when-longer %s)",
            *(heard / RATE - info.duration, _MEANWHILE[mode], _others(mode)),
        )
    flags = (CUT,) if longer and mode == CUT else ()
    beyond: Beyond = "hold" if mode == "cut" else mode
    placement = Placement(0, Span(0.0, min(heard, samples) / RATE), 1.0, flags)
    work.write(SpeechTrack((placement,), AUDIO, RATE, beyond))


def _others(mode: str) -> str:
    *rest, last = (name for name in _MEANWHILE if name != mode)
    return f"{', '.join(rest)} or {last}"
