"""Frames made of two fields of different times become frames of one time."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable
from fractions import Fraction
from typing import Any

import av

log = logging.getLogger(__name__)

Timed = tuple[Fraction, Any]
"""Seconds on the source's clock, and a frame."""


def progressive(frames: Iterable[Timed], time_base: Fraction) -> Generator[Timed]:
    """The frames at their times, those that say they are interlaced by ffmpeg's bwdif filter.

    All others are the decoder's own, sample by sample.

    Args:
        frames: in order of presentation.
        time_base: of which the times are multiples.
    """
    filtering: _Filtering | None = None
    for time, frame in frames:
        if filtering is not None and not filtering.suits(frame):
            yield from filtering.pulled(None)
            filtering = None
        if filtering is None and not frame.interlaced_frame:
            yield time, frame
            continue
        if filtering is None:
            log.info("interlaced frames are deinterlaced")
            filtering = _Filtering(frame, time_base)
        frame.pts, frame.time_base = round(time / time_base), time_base
        yield from filtering.pulled(frame)
    if filtering is not None:
        yield from filtering.pulled(None)


class _Filtering:
    """A filter graph for frames of one size and format; it looks one frame ahead."""

    def __init__(self, frame: Any, time_base: Fraction) -> None:
        self._form = _form(frame)
        self._graph = av.filter.Graph()
        width, height, name = self._form
        source = self._graph.add_buffer(
            width=width, height=height, format=av.VideoFormat(name), time_base=time_base
        )
        bwdif = self._graph.add("bwdif", "mode=send_frame:deint=interlaced")
        source.link_to(bwdif)
        bwdif.link_to(self._graph.add("buffersink"))
        self._graph.configure()

    def suits(self, frame: Any) -> bool:
        return _form(frame) == self._form

    def pulled(self, frame: Any) -> Generator[Timed]:
        """What is ready once `frame` is given; None is the end."""
        self._graph.vpush(frame)
        while True:
            try:
                ready: Any = self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            yield ready.pts * ready.time_base, ready


def _form(frame: Any) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name
