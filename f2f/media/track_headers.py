"""The track headers of an MP4 file (ISO/IEC 14496-12, sections 8.3.2 and 8.4.3)."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUBTITLES, PICTURED_SUBTITLES = b"sbtl", b"subp"
_ENABLED = 1
"""Bit of the last flag byte: the track is played unless the viewer says otherwise."""


@dataclass(frozen=True, slots=True)
class _Box:
    start: int
    """Of the content, in bytes from the start of the file."""
    end: int


def disable(file: Path, handler: bytes) -> None:
    """Clear "enabled" of all tracks of a kind; ffmpeg sets it for the first of each.

    Args:
        file: changed in place, by one bit a track.
        handler: the kind, such as `SUBTITLES`.
    """
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as data:
        for movie in _inside(data, _Box(0, len(data)), b"moov"):
            for track in _inside(data, movie, b"trak"):
                if _handler(data, track) == handler:
                    for header in _inside(data, track, b"tkhd"):
                        data[header.start + 3] &= ~_ENABLED


def _handler(data: mmap.mmap, track: _Box) -> bytes:
    for media in _inside(data, track, b"mdia"):
        for box in _inside(data, media, b"hdlr"):
            return data[box.start + 8 : box.start + 12]
    return b""


def _inside(data: mmap.mmap, box: _Box, kind: bytes) -> Iterator[_Box]:
    """The boxes of a kind directly inside another."""
    at = box.start
    while at + 8 <= box.end:
        size, content = int.from_bytes(data[at : at + 4]), at + 8
        if size == 1:  # 64 bits follow
            size, content = int.from_bytes(data[content : content + 8]), content + 8
        end = at + size if size else box.end  # 0: to the end
        if data[at + 4 : at + 8] == kind:
            yield _Box(content, end)
        at = max(end, content)
