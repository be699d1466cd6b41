"""Working pictures to a video file without sound; the same input gives the same bytes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, get_args

import av

from f2f.config import Delivery, Preset
from f2f.errors import StageError
from f2f.media.pictures import EIGHT_BIT, TEN_BIT
from f2f.types import VideoInfo

THREADS = 4
"""Fixed, because the number of threads changes the result; more would only cost memory."""
CODECS = {"h264": "libx264", "h265": "libx265", "av1": "libsvtav1"}
_AV1_PRESETS = dict(
    zip(get_args(Preset), ("12", "11", "10", "9", "8", "7", "5", "4", "3"), strict=True)
)
"""SVT-AV1 numbers its presets."""


def pixel_format(info: VideoInfo, codec: str) -> str:
    """8 bits, or 10 for deeper sources in the codecs whose 10-bit form plays widely."""
    bits = max(part.bits for part in av.VideoFormat(info.pixel_format, 16, 16).components)
    return TEN_BIT if bits > 8 and codec != "h264" else EIGHT_BIT


class Encoder:
    """Writes one picture after the other at the source's constant rate.

    Args:
        path: the .mp4 to write.
        info: size, rate, pixel shape and colour tags, which are kept.
        options: codec, crf and preset.
    """

    def __init__(self, path: Path, info: VideoInfo, options: Delivery) -> None:
        self._next = 0
        self._path = path
        with contextlib.ExitStack() as opening:
            opening.callback(path.unlink, missing_ok=True)
            self._container = opening.enter_context(av.open(str(path), "w", format="mp4"))
            self._stream = _add_stream(self._container, info, options)
            opening.pop_all()

    def __enter__(self) -> Encoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.ExitStack() as failing:
            failing.callback(self._path.unlink, missing_ok=True)
            with self._container:
                if kind is None:
                    self._mux(None)
            if kind is None:
                failing.pop_all()

    def write(self, picture: Any) -> None:
        """Append a working picture (see `f2f.media.pictures`); it is not changed."""
        with _own_stamps(picture):
            picture.pts = self._next
            picture.time_base = self._stream.codec_context.time_base
            picture.pict_type = 0  # the encoder decides, not the source
            self._mux(picture)
        self._next += 1

    def _mux(self, picture: Any) -> None:
        try:
            for packet in self._stream.encode(picture):
                self._container.mux(packet)
        except av.error.FFmpegError as error:
            raise StageError(f"the video cannot be encoded: {error}") from error


def _add_stream(container: Any, info: VideoInfo, options: Delivery) -> Any:
    try:
        stream: Any = container.add_stream(
            CODECS[options.codec], rate=info.fps, options=codec_options(options)
        )
    except (av.error.FFmpegError, ValueError) as error:
        raise StageError(f"{options.codec} video cannot be written here: {error}") from error
    context = stream.codec_context
    context.width, context.height = info.size
    context.pix_fmt = pixel_format(info, options.codec)
    context.time_base = Fraction(1) / info.fps
    context.sample_aspect_ratio = info.sample_aspect
    context.thread_count = THREADS
    if options.codec == "h265":
        context.codec_tag = "hvc1"  # the tag that Apple's players insist on
    for name, value in (
        ("color_primaries", info.color_primaries),
        ("color_trc", info.color_transfer),
        ("colorspace", info.color_space),
        ("color_range", info.color_range),
    ):
        if value is not None:
            setattr(context, name, value)
    return stream


@contextlib.contextmanager
def _own_stamps(picture: Any) -> Iterator[None]:
    """Puts a frame's time and type back, as others may hold the same frame.

    The encoder has taken its own reference by then, with the stamps that it saw.
    """
    pts, time_base, kind = picture.pts, picture.time_base, picture.pict_type
    try:
        yield
    finally:
        picture.pts, picture.pict_type = pts, kind
        picture.time_base = Fraction(0) if time_base is None else time_base  # 0 reads as None


def codec_options(options: Delivery) -> dict[str, str]:
    """Quality, speed and a fixed number of threads, in each encoder's own words."""
    crf = {"crf": str(options.crf)}
    if options.codec == "av1":
        return {**crf, "preset": _AV1_PRESETS[options.preset], "svtav1-params": f"lp={THREADS}"}
    if options.codec == "h265":
        threads = f"pools={THREADS}:frame-threads=2:log-level=error"
        return {**crf, "preset": options.preset, "x265-params": threads}
    return {**crf, "preset": options.preset, **_repeatable_x264()}


def _repeatable_x264() -> dict[str, str]:
    """Keeps x264 off AVX-512, where its macroblock tree reads memory that it never wrote.

    With it about one encode in twelve of the same frames came out different (x264 in PyAV 18);
    with the instructions below, as with none, all were equal.
    """
    facts = Path("/proc/cpuinfo")
    if facts.exists() and "avx512" in facts.read_text():
        return {"x264-params": "asm=mmx2,sse2fast,ssse3,sse4.2,avx,fma3,bmi2,avx2"}
    return {}
