"""Speech made shorter or longer at the same pitch: rubberband, through ffmpeg."""

from __future__ import annotations

import ffmpeg
import numpy as np

from f2f.errors import StageError
from f2f.media.program import run
from f2f.roles import Samples

UNHEARD = 1e-3
"""A stretch closer to 1 than this is left out: the clip is cut or filled up instead."""
TAIL = 0.5
"""Seconds of silence behind the clip, so that the end comes out of the stretcher too."""

SLOWEST = 10.0
"""Times as long as it lasts that the work on a clip may take; a hundredth is usual."""


def stretch(samples: Samples, rate: int, *, length: int, output_rate: int) -> Samples:
    """The clip in exactly `length` samples of `output_rate`, at the pitch it had.

    Args:
        samples: (n,), mono, n > 0.
        rate: Hz of `samples`.
        length: samples of the result; 0 < length.
        output_rate: Hz of the result.

    Raises:
        StageError: ffmpeg failed; its own words are in the message.
    """
    old, new = len(samples) / rate, length / output_rate
    sound = given = ffmpeg.input("pipe:0", format="f32le", ac=1, ar=rate)
    if rate != output_rate:
        sound = sound.filter("aresample", output_rate, filter_size=64)
    if abs(new / old - 1) > UNHEARD:
        sound = sound.filter("apad", pad_dur=TAIL)
        sound = sound.filter("rubberband", tempo=f"{old / new:.9f}", pitchq="quality")
    if sound is given:
        return _fit(samples, length)
    graph = ffmpeg.output(sound, "pipe:1", format="f32le", ac=1, ar=output_rate)
    try:
        done = run(graph, work=SLOWEST * (old + new), given=samples.astype("<f4").tobytes())
    except StageError as error:
        raise StageError(f"a clip cannot be stretched by {new / old:.3f}: {error}") from error
    return _fit(np.frombuffer(done.output, "<f4").astype(np.float32), length)


def _fit(samples: Samples, length: int) -> Samples:
    """Cut, or filled up with silence."""
    return np.pad(samples[:length], (0, max(0, length - len(samples))))
