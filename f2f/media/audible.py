"""When a file can be heard: sound that is more than silence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from f2f.media.decoding import decode
from f2f.media.opening import opened
from f2f.media.sound import main_sound, timed
from f2f.media.timeline import samples_of

SILENCE = -55.0
"""dB of full scale: what is weaker during a whole `_WINDOW` is not heard."""
_WINDOW = Fraction(1, 50)
"""Seconds."""


def audible(path: Path, track: str | None = None) -> tuple[Fraction, Fraction] | None:
    """Start and end of what is heard, in seconds on the source's clock; None for silence.

    Args:
        path: any video or sound file.
        track: which sound; see `main_sound`.
    """
    with opened(path) as container:
        stream = main_sound(container, track)
        if stream is None:
            return None
        first: Fraction | None = None
        last = Fraction(0)
        with contextlib.closing(decode(container, stream)) as frames:
            for time, frame in timed(frames, stream.time_base):
                for start, end in _loud(frame):
                    first = time + start if first is None else first
                    last = max(last, time + end)
    return None if first is None else (first, last)


def _loud(frame: Any) -> Iterator[tuple[Fraction, Fraction]]:
    """Start and end of the windows that are heard, in seconds from the frame's first sample."""
    channels = len(frame.layout.channels)
    for block in av.AudioResampler("flt", frame.layout.name).resample(frame):
        samples = block.to_ndarray().reshape(-1, channels)  # (samples, channels)
        step = samples_of(_WINDOW, block.sample_rate)
        for start in range(0, len(samples), step):
            window = samples[start : start + step]
            if np.square(window).mean(axis=0).max() > 10 ** (SILENCE / 10):
                yield (
                    Fraction(start, block.sample_rate),
                    Fraction(start + len(window), block.sample_rate),
                )
