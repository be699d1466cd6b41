"""Subtitles as DVD has them: pictures, made here byte by byte."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

HEADER = re.compile(rb"palette: (?:[0-9a-f]{6}, ){15}[0-9a-f]{6}")
"""What libav's encoder writes: colours of its own, and no size."""


def rectangle(at: tuple[int, int], size: tuple[int, int], milliseconds: int) -> bytes:
    """A filled rectangle in the palette's second colour, as a sub-picture unit of DVD-Video."""
    (x, y), (width, height) = at, size
    line = b"\0\1"  # a run of colour 1 to the end of the line
    top, bottom = line * ((height + 1) // 2), line * (height // 2)
    control = 4 + len(top + bottom)
    area = (x << 12 | x + width - 1).to_bytes(3, "big")
    area += (y << 12 | y + height - 1).to_bytes(3, "big")
    fields = struct.pack(">HH", 4, 4 + len(top))
    show = b"\3\x32\x10" + b"\4\xff\xf0" + b"\5" + area + b"\6" + fields + b"\1\xff"
    last = control + 4 + len(show)
    orders = struct.pack(">HH", 0, last) + show
    orders += struct.pack(">HH", round(milliseconds * 90 / 1024), last) + b"\2\xff"
    whole = top + bottom + orders
    return struct.pack(">HH", 4 + len(whole), control) + whole


def write(path: Path, spans: Sequence[tuple[int, int]], *, size: tuple[int, int]) -> Path:
    """A Matroska file with such a track, and one of Blu-ray's kind that shows nothing.

    Args:
        path: the file to write.
        spans: start and length of each rectangle, in milliseconds.
        size: of the video.
    """
    with av.open(str(path), "w") as container:
        dvd: Any = container.add_stream("dvdsub")
        bluray: Any = container.add_mux_stream("pgssub")
        for stream, code in ((dvd, "fra"), (bluray, "deu")):
            stream.metadata["language"], stream.time_base = code, Fraction(1, 1000)
        dvd.metadata["title"] = "For the deaf"
        for start, length in spans:
            picture = rectangle((size[0] // 4, size[1] // 2), (size[0] // 2, 20), length)
            for stream, data in ((dvd, picture), (bluray, b"\x80\0\0")):
                packet = av.Packet(data)
                packet.pts = packet.dts = start
                packet.duration, packet.time_base = length, Fraction(1, 1000)
                packet.stream = stream
                container.mux(packet)
    colours = "000000, ff0000, ffffff" + ", 808080" * 11
    header = f"size: {size[0]}x{size[1]}\npalette: {colours}".encode()
    path.write_bytes(HEADER.sub(lambda own: header.ljust(len(own[0])), path.read_bytes()))
    return path
