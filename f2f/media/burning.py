"""Subtitles drawn into a picture by libass, which shapes Indian and joined scripts.

Base direction: libass takes it from a line's first letter that has one, if told to look
(`Encoding=-1`), else from left to right. A line of Urdu may begin with a Latin word, so lines of
right-to-left languages begin with a mark (U+200F, UAX #9).
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from f2f.config import Delivery
from f2f.errors import MissingError
from f2f.media.encode import CODECS, THREADS, codec_options, pixel_format
from f2f.media.mux import SLOWEST_ENCODER
from f2f.media.program import Finished, run
from f2f.media.tone_mapping import GRAPHICS_WHITE
from f2f.types import VideoInfo

RIGHT_TO_LEFT = "\u200f"
"""Begins a line that is read from right to left, whatever its first letter."""
EM = 14.3
"""Height of an em in 288ths of the picture: that of libass' own choice, Arial at 16."""
_FONTS = "fonts"


@dataclass(frozen=True, slots=True)
class Font:
    """A font file and what libass must know to choose and size it."""

    file: Path
    family: str
    height: float
    """Of a line, in ems (winAscent + winDescent), by which libass sizes a font."""


def burn(
    folder: Path,
    picture: str,
    subtitles: str,
    target: str,
    info: VideoInfo,
    options: Delivery,
    *,
    frames: int,
    font: Font | None,
) -> None:
    """Draw a subtitle file of `folder` into a video.

    Args:
        folder: where all files lie.
        picture: name of the video.
        subtitles: name of an .srt file.
        target: name of the result.
        info: of the picture.
        options: codec, crf and preset.
        frames: of the video.
        font: what to draw with; None leaves the choice to the system.

    Raises:
        MissingError: the system has no font with the letters.
        StageError: ffmpeg failed.
    """
    style = {"Encoding": "-1"}
    if info.color_transfer in GRAPHICS_WHITE:
        level = round(255 * GRAPHICS_WHITE[info.color_transfer])
        style["PrimaryColour"] = f"&H00{level:02X}{level:02X}{level:02X}"
    where = {}
    if font is not None:
        (folder / _FONTS).mkdir()
        shutil.copyfile(font.file, folder / _FONTS / font.file.name)
        where["fontsdir"] = _FONTS
        style |= {"FontName": font.family, "Fontsize": f"{EM * font.height:.1f}"}
    written = ",".join(f"{name}={value}" for name, value in style.items())
    shown = ffmpeg.input(picture)["v"].filter(
        "subtitles", filename=subtitles, force_style=written, **where
    )
    graph = ffmpeg.output(
        shown,
        target,
        **{"c:v": CODECS[options.codec], "threads": THREADS, "fflags": "+bitexact"},
        pix_fmt=pixel_format(info, options.codec),
        **codec_options(options),
    )
    pixels = frames * info.size[0] * info.size[1]
    done = run(graph, work=pixels / SLOWEST_ENCODER, target=folder / target)
    if font is not None:
        shutil.rmtree(folder / _FONTS)
    _require_letters(done)


def require_letters(text: str) -> None:
    """See, before any work, that the system has a font for what will be burnt in.

    Raises:
        MissingError: it has none with these letters.
    """
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary) / "tried.mp4"
        lines = target.with_suffix(".srt")
        lines.write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{text}\n", encoding="utf-8")
        blank = ffmpeg.input("color=size=64x64:rate=25:duration=0.04", format="lavfi")
        shown = blank.filter("subtitles", filename=lines.name)
        _require_letters(run(ffmpeg.output(shown, target.name), work=1.0, target=target))


def _require_letters(done: Finished) -> None:
    if "failed to find any fallback" in done.said or "can't find selected font" in done.said:
        raise MissingError(
            "no font has all letters of the subtitles to burn in: "
            "run `apt-get install fonts-noto`, or use soft subtitles"
        )
