"""Speech made shorter or longer at the same pitch: rubberband, through ffmpeg."""

from __future__ import annotations

import subprocess

import numpy as np

from f2f.errors import StageError
from f2f.media.program import ffmpeg_binary
from f2f.roles import Samples

UNHEARD = 1e-3
"""A stretch closer to 1 than this is left out: the clip is cut or filled up instead."""
TAIL = 0.5
"""Seconds of silence behind the clip, so that the end comes out of the stretcher too."""


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
    ratio = (length / output_rate) / (len(samples) / rate)  # new over old duration
    chain = [f"aresample={output_rate}:filter_size=64"] if rate != output_rate else []
    if abs(ratio - 1) > UNHEARD:
        chain += [f"apad=pad_dur={TAIL}", f"rubberband=tempo={1 / ratio:.9f}:pitchq=quality"]
    if not chain:
        return _fit(samples, length)
    form = ["-f", "f32le", "-ac", "1"]
    command = [
        *(ffmpeg_binary(), "-hide_banner", "-loglevel", "error", "-nostdin"),
        *(*form, "-ar", str(rate), "-i", "pipe:0", "-af", ",".join(chain)),
        *(*form, "-ar", str(output_rate), "pipe:1"),
    ]
    done = subprocess.run(
        command, input=samples.astype("<f4").tobytes(), capture_output=True, check=False
    )
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip()
        raise StageError(f"ffmpeg could not stretch a clip by {ratio:.3f}: {words}")
    return _fit(np.frombuffer(done.stdout, "<f4").astype(np.float32), length)


def _fit(samples: Samples, length: int) -> Samples:
    """Cut, or filled up with silence."""
    return np.pad(samples[:length], (0, max(0, length - len(samples))))
