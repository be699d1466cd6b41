"""Animated WebP pictures as videos: libav reads still ones only, Pillow both."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image

from f2f.errors import InputError, why
from f2f.media import sizes
from f2f.media.pictures import opaque
from f2f.media.probe import bounded

log = logging.getLogger(__name__)

SUFFIX = ".mov"
"""Of what `as_video` writes."""
SHORTEST, USUAL = 11, 100
"""Milliseconds: a frame that is said to last for less is shown for as long as browsers show it."""
_MILLISECOND = Fraction(1, 1000)
_HEAD = 30
"""Bytes up to the end of the canvas's size (RFC 9649, section 2.7.1)."""
_ANIMATED = 0x02
"""Bit of the flags."""


def is_animated(path: Path) -> bool:
    """True for a WebP file whose header announces an animation."""
    return _canvas(path) is not None


def as_video(path: Path, target: Path) -> None:
    """Every frame, at its time, as a lossless video; what is transparent becomes white.

    Args:
        path: the animation.
        target: the file to write.

    Raises:
        InputError: too large, too long, or not one frame can be decoded.
    """
    canvas = _canvas(path)
    assert canvas is not None, "is_animated has said so"
    sizes.refuse_large(path.name, *canvas, sizes.LARGEST_VIDEO)
    time = 0
    with av.open(str(target), "w", format="mov") as container:
        stream: Any = container.add_stream("png")
        context = stream.codec_context
        context.width, context.height = canvas
        context.pix_fmt, context.time_base = "rgb24", _MILLISECOND
        for image, milliseconds in _frames(path):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = time, _MILLISECOND
            for packet in stream.encode(frame):  # at once: it looks at no other frame
                packet.duration = milliseconds
                container.mux(packet)
            time += milliseconds
            bounded(path, time * _MILLISECOND)
    if not time:
        raise sizes.undecodable(path.name)


def _frames(path: Path) -> Iterator[tuple[Any, int]]:
    """(height, width, 3) RGB and milliseconds of each, up to the end or to where it is damaged."""
    try:
        with PIL.Image.open(path, formats=("WEBP",)) as animation:
            for number in range(getattr(animation, "n_frames", 1)):
                animation.seek(number)
                image = opaque(np.asarray(animation.convert("RGBA")))
                lasts = int(animation.info.get("duration", 0))
                yield image, lasts if lasts >= SHORTEST else USUAL
    except (PIL.UnidentifiedImageError, OSError, EOFError, ValueError, SyntaxError) as error:
        log.warning("the file is damaged; what comes before is used (%s)", why(error))


def _canvas(path: Path) -> tuple[int, int] | None:
    """Width and height of an animation; None for any other file."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise InputError(f"cannot read {path}: {why(error)}") from error
    if head[:4] != b"RIFF" or head[8:16] != b"WEBPVP8X" or len(head) < _HEAD:
        return None
    if not head[20] & _ANIMATED:
        return None
    return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
