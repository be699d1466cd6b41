"""Small clips that carry their own truth: every frame shows its number as black and white bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

BITS = 10
CLOCK = 90_000


def bars(number: int, width: int = 320, height: int = 240) -> np.ndarray:
    """A grey picture whose upper half shows `number` in binary, most significant bar first."""
    image = np.full((height, width, 3), 96, np.uint8)
    for bit in range(BITS):
        lit = number >> (BITS - 1 - bit) & 1
        image[: height // 2, width * bit // BITS : width * (bit + 1) // BITS] = 235 if lit else 20
    return image


def number_of(image: np.ndarray) -> int:
    """The number that `bars` drew, read back from the middle of each bar."""
    height, width = image.shape[:2]
    row = image[height // 4, :, 1]
    lit = [int(row[width * (2 * bit + 1) // (2 * BITS)] > 128) for bit in range(BITS)]
    return int("".join(map(str, lit)), 2)


def make(
    path: Path,
    times: Sequence[Fraction],
    *,
    size: tuple[int, int] = (320, 240),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    sound: Callable[[np.ndarray], np.ndarray] | None = None,
    sound_start: Fraction = Fraction(0),
    seconds: float = 0.0,
    colors: dict[str, int] | None = None,
    crf: int = 10,
) -> Path:
    """A clip whose frame n is shown from times[n] on; `sound` gives amplitude for times in s."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=30)
        context = stream.codec_context
        context.width, context.height = size
        context.pix_fmt, context.time_base = pixel_format, Fraction(1, CLOCK)
        if codec.startswith("libx26"):
            context.options = {"crf": str(crf), "preset": "ultrafast"}
        for name, value in (colors or {}).items():
            setattr(context, name, value)
        track: Any = container.add_stream("aac", rate=44_100, layout="stereo") if sound else None
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(bars(number, *size), format="bgr24")
            frame = frame.reformat(format=pixel_format)
            frame.pts, frame.time_base = round(time * CLOCK), Fraction(1, CLOCK)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound and track:
            rate = 44_100
            wave = sound(np.arange(round(seconds * rate)) / rate).astype(np.float32)
            for start in range(0, len(wave), 1024):
                piece = np.ascontiguousarray(np.tile(wave[start : start + 1024], (2, 1)))
                block = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
                block.sample_rate = rate
                block.pts = start + round(sound_start * rate)
                block.time_base = Fraction(1, rate)
                container.mux(track.encode(block))
            container.mux(track.encode())
    return path
