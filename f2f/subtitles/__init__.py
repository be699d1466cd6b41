"""Subtitle and transcript files: .srt, .vtt and .json, in and out.

Reading is forgiving about what tools and people write (byte-order marks, CRLF, missing numbers,
dots for commas, styling tags) and strict about what would put words at a wrong time: a cue that
ends before it starts is refused with its line number.
"""

from f2f.subtitles.layout import Cue, break_lines, display_cues
from f2f.subtitles.reading import named_language, read
from f2f.subtitles.writing import write_json, write_srt, write_vtt

__all__ = [
    "Cue",
    "break_lines",
    "display_cues",
    "named_language",
    "read",
    "write_json",
    "write_srt",
    "write_vtt",
]
