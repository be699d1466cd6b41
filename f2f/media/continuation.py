"""The pictures of a source for longer than it lasts: backwards and forwards, or anew.

What is shown backwards is decoded a piece at a time, from the key picture before it on, so that a
long video is never held.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from f2f.media.frames import as_bgr, depth_to_look_at, pictures
from f2f.media.pictures import EIGHT_BIT, TEN_BIT, Image
from f2f.types import Beyond, VideoInfo

HELD_BYTES = 96 << 20
"""Of pictures at once: 31 in full HD, and never fewer than `FEWEST`."""
FEWEST = 8


def continued(
    path: Path,
    info: VideoInfo,
    *,
    count: int,
    beyond: Beyond,
    pixel_format: str = EIGHT_BIT,
) -> Generator[Any]:
    """As `pictures`; output frame k is the source's `timeline.shown_frame(k)`.

    Args:
        path: the file that `info` describes.
        info: from `probe`.
        count: number of pictures.
        beyond: what is shown after the source's last one.
        pixel_format: `EIGHT_BIT` or `TEN_BIT`.
    """
    if beyond == "hold" or count <= info.frames or info.frames == 1:
        yield from pictures(path, info, count=count, pixel_format=pixel_format)
        return
    left = count
    for run in _runs(info.frames, beyond):
        taken = run[:left]
        if run.step > 0:
            yield from pictures(
                path, info, first=run.start, count=len(taken), pixel_format=pixel_format
            )
        else:
            yield from _backwards(path, info, taken, pixel_format)
        left -= len(taken)
        if not left:
            return


def continued_frames(
    path: Path, info: VideoInfo, *, count: int, beyond: Beyond
) -> Generator[Image]:
    """The same as BGR images, (height, width, 3); do not write into them."""
    depth = depth_to_look_at(info)
    shown = continued(path, info, count=count, beyond=beyond, pixel_format=depth)
    with contextlib.closing(shown) as source:
        yield from as_bgr(source, info)


def _runs(frames: int, beyond: Beyond) -> Iterator[range]:
    """The source's frames in the order in which they are shown; see `timeline.shown_frame`."""
    yield range(frames)
    while True:
        if beyond == "loop":
            yield range(frames)
        else:
            yield range(frames - 2, -1, -1)
            yield range(1, frames)


def _backwards(path: Path, info: VideoInfo, run: range, pixel_format: str) -> Generator[Any]:
    width, height = info.size
    size = width * height * 3 // 2 * (2 if pixel_format == TEN_BIT else 1)
    step = max(FEWEST, HELD_BYTES // size)
    for start in range(0, len(run), step):
        piece = run[start : start + step][::-1]
        held = list(
            pictures(path, info, first=piece.start, count=len(piece), pixel_format=pixel_format)
        )
        while held:
            yield held.pop()
