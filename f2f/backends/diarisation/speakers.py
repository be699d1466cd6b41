"""What is told of each speaker: gender and pitch, measured on their own segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from f2f.listening.pitch import gender_of, median_pitch
from f2f.media.timeline import samples_of
from f2f.roles import SPEECH_RATE, Samples
from f2f.types import Segment, Speaker

ENOUGH = 30.0
"""Seconds of a speaker that are listened to."""


def describe(
    audio: Samples, segments: Sequence[Segment], leanings: Mapping[str, float] | None = None
) -> tuple[Speaker, ...]:
    """The speakers of the segments, in the order in which they first speak.

    Args:
        audio: (samples,) at 16 kHz.
        segments: with speakers set.
        leanings: how female or male each speaker's voice print is, where that is known.
    """
    known = leanings or {}
    return tuple(
        _measured(
            speaker,
            audio,
            [item for item in segments if item.speaker == speaker],
            known.get(speaker, 0.0),
        )
        for speaker in dict.fromkeys(segment.speaker for segment in segments)
    )


def cut(audio: Samples, segment: Segment) -> Samples:
    """The samples of a segment."""
    first = max(0, samples_of(segment.span.start, SPEECH_RATE))
    return audio[first : samples_of(segment.span.end, SPEECH_RATE)]


def _measured(name: str, audio: Samples, segments: Sequence[Segment], leaning: float) -> Speaker:
    parts: list[Samples] = []
    for segment in sorted(segments, key=lambda item: -item.span.duration):
        parts.append(cut(audio, segment))
        if sum(map(len, parts)) > ENOUGH * SPEECH_RATE:
            break
    sound = np.concatenate(parts)[: samples_of(ENOUGH, SPEECH_RATE)]
    pitch = round(median_pitch(sound), 1)
    return Speaker(name, gender_of(pitch, leaning), pitch)
