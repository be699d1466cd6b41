"""Picture, sound tracks and subtitle tracks into one MP4 file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from f2f.config import Delivery
from f2f.errors import MissingError
from f2f.media import track_headers
from f2f.media.encode import CODECS, THREADS, codec_options, pixel_format
from f2f.media.program import run
from f2f.text import language_codes
from f2f.types import VideoInfo


@dataclass(frozen=True, slots=True)
class Track:
    """A file of sound or subtitles, its language (ISO 639-1, None if unknown) and its name."""

    file: str
    language: str | None
    title: str


def mux(
    folder: Path,
    picture: str,
    sounds: Sequence[Track],
    subtitles: Sequence[Track],
    target: str,
    *,
    codec: str,
    audio_bitrate: int,
    tags: Mapping[str, str],
) -> None:
    """Join files of `folder`; the picture is copied, sound becomes AAC, subtitles mov_text.

    The first sound and no subtitle is shown unless the viewer asks.  Nothing that changes from
    run to run (dates, versions) is written.

    Raises:
        StageError: ffmpeg failed.
    """
    files = [picture, *(track.file for track in (*sounds, *subtitles))]
    arguments = [argument for file in files for argument in ("-i", file)]
    for number in range(len(files)):
        arguments += ["-map", f"{number}"]
    arguments += ["-c:v", "copy", "-c:a", "aac", "-b:a", f"{audio_bitrate}", "-c:s", "mov_text"]
    for kind, tracks in (("a", sounds), ("s", subtitles)):
        for number, track in enumerate(tracks):
            stream = f"{kind}:{number}"
            language = language_codes.three_letters(track.language)
            arguments += [f"-metadata:s:{stream}", f"language={language}"]
            arguments += [f"-metadata:s:{stream}", f"handler_name={track.title}"]
            shown = "default" if stream == "a:0" else "0"
            arguments += [f"-disposition:{stream}", shown]
    for name, value in tags.items():
        arguments += ["-metadata", f"{name}={value}"]
    if codec == "h265":
        arguments += ["-tag:v", "hvc1"]
    arguments += ["-movflags", "+faststart", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    run([*arguments, "-f", "mp4", target], folder)
    track_headers.disable(folder / target, track_headers.SUBTITLES)


def burn(
    folder: Path, picture: str, subtitles: str, target: str, info: VideoInfo, options: Delivery
) -> None:
    """Draw a subtitle file of `folder` into a video (libass, which shapes Indian scripts).

    Raises:
        MissingError: no installed font has the letters.
        StageError: ffmpeg failed.
    """
    shown = ffmpeg.input(picture)["v"].filter("subtitles", filename=subtitles)
    graph = ffmpeg.output(
        shown,
        target,
        **{"c:v": CODECS[options.codec], "threads": THREADS, "fflags": "+bitexact"},
        pix_fmt=pixel_format(info, options.codec),
        **codec_options(options),
    )
    said = run(ffmpeg.get_args(graph), folder)
    if "failed to find any fallback" in said or "can't find selected font provider" in said:
        raise MissingError(
            "no installed font has the letters of the subtitles to burn in: "
            "run `apt-get install fonts-noto-core`, or use soft subtitles"
        )
