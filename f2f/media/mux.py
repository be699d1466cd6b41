"""Picture, sound tracks and subtitle tracks into one MP4 file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import soundfile

from f2f.media import track_headers
from f2f.media.carried.chapters import Chapter, ffmetadata
from f2f.media.program import run
from f2f.media.sizes import LARGEST_PICTURE, bounded
from f2f.text import language_codes

_CHAPTERS = "chapters.txt"
_COVERS = {"jpg": "jpeg_pipe", "png": "png_pipe", "bmp": "bmp_pipe"}
"""ffmpeg's readers of single pictures."""
_BOUNDED = bounded(LARGEST_PICTURE)
SLOWEST_ENCODER = 100_000
"""Pixels a second that any codec and preset reach, with room for a slow and busy machine."""


@dataclass(frozen=True, slots=True)
class Track:
    """A file of sound or subtitles, its language (ISO 639-1, None if unknown) and its name."""

    file: str
    language: str | None
    title: str
    ready: bool = False
    """True if it is in a form that MP4 has, and is copied."""


def mux(
    folder: Path,
    picture: str,
    sounds: Sequence[Track],
    subtitles: Sequence[Track],
    target: str,
    *,
    seconds: float,
    codec: str,
    audio_bitrate: int,
    tags: Mapping[str, str],
    chapters: Sequence[Chapter] = (),
    covers: Sequence[str] = (),
    timecode: str | None = None,
) -> None:
    """Join files of `folder`; the picture is copied, sound becomes AAC, subtitles mov_text, unless
    they are ready.

    The first sound and no subtitle is shown unless the viewer asks.  Nothing that changes from
    run to run (dates, versions) is written.

    Args:
        folder: where all files lie.
        picture: name of the encoded video.
        sounds: .wav files, the dub first.
        subtitles: .srt files.
        target: name of the result.
        seconds: how long it lasts; ffmpeg gets as much time, of which it needs a hundredth.
        codec: of the picture.
        audio_bitrate: bits a second of two channels.
        tags: metadata of the whole.
        chapters: of the whole.
        covers: .jpg, .png or .bmp files.
        timecode: of the first frame.

    Raises:
        StageError: ffmpeg failed.
    """
    channels = [soundfile.info(folder / track.file).channels for track in sounds]
    tracks = [("a", number, track) for number, track in enumerate(sounds)]
    tracks += [("s", number, track) for number, track in enumerate(subtitles)]
    options: dict[str, object] = {"c:v": "copy", "c:a": "aac", "c:s": "mov_text"}
    for index, (kind, number, track) in enumerate(tracks, start=1):
        # ffmpeg-python takes an option once; by its kind and by its index a stream takes it twice
        by_kind, by_index = f"s:{kind}:{number}", f"s:{index}"
        options[f"metadata:{by_kind}"] = f"language={language_codes.three_letters(track.language)}"
        options[f"metadata:{by_index}"] = f"handler_name={track.title}"
        if track.ready:
            options[f"c:{by_kind.removeprefix('s:')}"] = "copy"
        shown = (kind, number) == ("a", 0)
        options[f"disposition:{kind}:{number}"] = "default" if shown else "0"
    for number, count in enumerate(channels):
        options[f"b:a:{number}"] = audio_bitrate * max(2, count) // 2
    for number, (name, value) in enumerate(tags.items()):
        options[f"metadata:g:{number}"] = f"{name}={value}"
    if codec == "h265":
        options["tag:v:0"] = "hvc1"
    if timecode is not None:
        options["metadata:s:v:0"] = f"timecode={timecode}"
    files = [ffmpeg.input(file) for file in (picture, *(track.file for _, _, track in tracks))]
    for number, cover in enumerate(covers, start=1):
        files.append(ffmpeg.input(cover, format=_COVERS[cover.rpartition(".")[2]], **_BOUNDED))
        options[f"disposition:v:{number}"] = "attached_pic"
    if chapters:
        (folder / _CHAPTERS).write_text(ffmetadata(chapters), encoding="utf-8")
        options["map_chapters"] = len(files)
        # ffmpeg-python leaves out an input of which nothing is taken: here its attachments, if any
        files.append(ffmpeg.input(_CHAPTERS, format="ffmetadata")["t?"])
    graph = ffmpeg.output(
        *files,
        target,
        **options,
        **{"flags:a": "+bitexact", "fflags": "+bitexact"},
        movflags="+faststart",
        format="mp4",
    ).global_args("-copyts")  # a file whose first subtitle comes late would begin at 0
    run(graph, work=seconds, target=folder / target)
    (folder / _CHAPTERS).unlink(missing_ok=True)
    for handler in (track_headers.SUBTITLES, track_headers.PICTURED_SUBTITLES):
        track_headers.disable(folder / target, handler)
