"""The subtitles that a file carries as text, taken out as SubRip files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from f2f.media.decoding import readable
from f2f.media.mux import Track
from f2f.media.opening import opened
from f2f.media.sound import language

_TEXT = frozenset({"subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"})
"""Decoders of subtitles that are text; pictures (DVD, Blu-ray) have no place in MP4."""
_STYLE = re.compile(r"\{\\[^}]*\}")
_NAMELESS = ("", "SubtitleHandler")


def extract(path: Path, folder: Path, *, start: Fraction, length: Fraction) -> tuple[Track, ...]:
    """Write kept.N.srt for each track that says anything within a part of the file.

    Args:
        path: the file.
        folder: where to write.
        start: of that part, in seconds on the source's clock.
        length: of that part, in seconds.
    """
    tracks = []
    with opened(path) as container:
        streams = [
            stream
            for stream in container.streams.subtitles
            if stream.codec_context is not None and stream.codec_context.name in _TEXT
        ]
        cues: dict[int, list[str]] = {stream.index: [] for stream in streams}
        for packet in readable(container, *streams) if streams else ():
            if packet.pts is None or not packet.duration:
                continue
            begin = packet.pts * packet.time_base - start
            end = min(length, begin + packet.duration * packet.time_base)
            text = "\n".join(_texts(packet))
            if text and end > max(begin, 0):
                numbered = cues[packet.stream.index]
                times = f"{_clock(max(begin, Fraction(0)))} --> {_clock(end)}"
                numbered.append(f"{len(numbered) + 1}\n{times}\n{text}\n")
        for stream in streams:
            if cues[stream.index]:
                name = f"kept.{stream.index}.srt"
                (folder / name).write_text("\n".join(cues[stream.index]), encoding="utf-8")
                tracks.append(Track(name, language(stream), _title(stream)))
    return tuple(tracks)


def _texts(packet: Any) -> Iterator[str]:
    try:
        decoded = packet.stream.decode2(packet)
    except av.error.FFmpegError:
        return
    for part in decoded.rects if decoded else ():
        if part.type == b"ass":
            text = _STYLE.sub("", part.dialogue.decode("utf-8", "replace")).replace("-->", "→")
            yield from (line.strip() for line in text.splitlines() if line.strip())


def _title(stream: Any) -> str:
    names = (stream.metadata.get(key, "") for key in ("title", "handler_name"))
    return next((name for name in names if name not in _NAMELESS), "Subtitles of the source")


def _clock(time: Fraction) -> str:
    seconds, milliseconds = divmod(round(time * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02},{milliseconds:03}"
