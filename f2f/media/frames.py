"""The frames of a source, one at a time, at the constant rate that probing decided on."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Generator, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from f2f.errors import InputError
from f2f.media.decoding import decode
from f2f.media.deinterlacing import progressive
from f2f.media.opening import opened
from f2f.media.pictures import EIGHT_BIT, TEN_BIT, Image, to_bgr, working
from f2f.media.sizes import LARGEST_PICTURE, LARGEST_VIDEO, Limit, bounded, undecodable
from f2f.media.timeline import middle
from f2f.media.tone_mapping import ToneMap, is_hdr
from f2f.types import VideoInfo

DECODER_THREADS = 2
"""A few, because every decoder thread holds frames of its own."""
LEAD_IN = Fraction(1, 2)
"""Seconds before a moment in the middle of a file from which on it is decoded at least: the
deinterlacer and open groups of pictures look back."""


def pictures(
    path: Path,
    info: VideoInfo,
    *,
    first: int = 0,
    count: int | None = None,
    pixel_format: str = EIGHT_BIT,
) -> Generator[Any]:
    """Working pictures (see `f2f.media.pictures`) at `info.fps`, exactly `count` of them.

    A source frame that is shown for longer comes several times as the same object, so nothing may
    change it in place.  After the source's end, or where it is damaged, the last good picture is
    held.

    Args:
        path: the file that `info` describes.
        info: from `probe`.
        first: number of the first picture.
        count: number of pictures; None is up to the last of `info.frames`.
        pixel_format: `EIGHT_BIT` or `TEN_BIT`.

    Raises:
        InputError: not one frame can be decoded.
    """
    count = info.frames - first if count is None else count
    limit = LARGEST_PICTURE if info.still else LARGEST_VIDEO
    begin = info.start + middle(first, info.fps) if first else None
    with contextlib.closing(_from(path, limit, begin)) as source:
        following = next(source, None)
        if following is None:
            raise undecodable(path.name)
        taken = ready = None
        for index in range(first, first + count):
            now = info.start + middle(index, info.fps)
            fresh = False
            while following is not None and (taken is None or following[0] <= now):
                taken, following, fresh = following[1], next(source, None), True
            if fresh:
                ready = working(taken, info, pixel_format)
            yield ready


def frames(path: Path, info: VideoInfo, *, count: int | None = None) -> Generator[Image]:
    """The same as BGR images, (height, width, 3); repeated ones are one array: do not write.

    High dynamic range is tone-mapped, as nobody who looks at them knows its codes.
    """
    shown = pictures(path, info, count=count, pixel_format=depth_to_look_at(info))
    with contextlib.closing(shown) as source:
        yield from as_bgr(source, info)


def depth_to_look_at(info: VideoInfo) -> str:
    """The pixel format of pictures for `as_bgr`."""
    return TEN_BIT if is_hdr(info) else EIGHT_BIT


def as_bgr(source: Iterable[Any], info: VideoInfo) -> Generator[Image]:
    """Working pictures as BGR images; of one that is repeated the same image."""
    tone_map = ToneMap(info) if is_hdr(info) else None
    last: Any = None
    image: Image | None = None
    for picture in source:
        if picture is not last or image is None:
            last, image = picture, tone_map.image(picture) if tone_map else to_bgr(picture, info)
        yield image


def _from(path: Path, limit: Limit, begin: Fraction | None) -> Generator[tuple[Fraction, Any]]:
    """What `decoded` gives, without most of what is shown no more at `begin`, if that is given.

    Where a file has no index or a wrong one, so that nothing from before that moment comes, it is
    read from its start on.
    """
    if begin is not None:
        with opened(path) as container:
            stream = main_picture(container)
            with contextlib.suppress(av.error.FFmpegError):  # it has no index
                container.seek(math.floor((begin - LEAD_IN) / stream.time_base), stream=stream)
            with contextlib.closing(decoded(container, limit)) as source:
                head = next(source, None)
                if head is not None and head[0] <= begin:
                    yield head
                    yield from source
                    return
    with opened(path) as container, contextlib.closing(decoded(container, limit)) as source:
        yield from source


def decoded(container: InputContainer, limit: Limit) -> Generator[tuple[Fraction, Any]]:
    """Time on the source's clock and frame, in order of presentation, none interlaced.

    Frames that are damaged, or grow larger than `limit`, are skipped.
    """
    time_base = main_picture(container).time_base
    with contextlib.closing(stored(container, limit)) as source:
        yield from progressive(source, time_base)


def stored(container: InputContainer, limit: Limit) -> Generator[tuple[Fraction, Any]]:
    """The same as the file has them: two fields of different times may be in one frame."""
    stream = main_picture(container)
    stream.codec_context.options = bounded(limit)
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = DECODER_THREADS
    last: Fraction | None = None
    with contextlib.closing(decode(container, stream)) as source:
        for frame in source:
            stamp = frame.pts if frame.pts is not None else frame.dts
            if stamp is None:
                continue
            time = stamp * stream.time_base
            if last is None or time > last:
                last = time
                yield time, frame


def main_picture(container: InputContainer) -> Any:
    """The picture stream to translate: the first that is not a cover image.

    Raises:
        InputError: there is none.
    """
    stream = _first_picture(container)
    if stream is not None:
        return stream
    if container.streams.audio:
        raise InputError("the file has sound but no picture; a video or an image is needed")
    raise InputError("the file has no picture in it")


def has_picture(path: Path) -> bool:
    """Whether a file has more to show than a cover image.

    Raises:
        InputError: it is no video, picture or sound.
    """
    with opened(path) as container:
        return _first_picture(container) is not None


def _first_picture(container: InputContainer) -> Any:
    covers = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    streams = (stream for stream in container.streams.video if not stream.disposition & covers)
    return next(streams, None)
