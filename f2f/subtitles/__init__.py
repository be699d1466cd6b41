"""Subtitle and transcript files, in and out.

Reading is forgiving about what tools and people write (byte-order marks, CRLF, missing numbers,
damaged times, markup, captions for the deaf) and strict about what would put words at a wrong time
or into the wrong mouth: a line that cannot be understood is refused with its number.

    text_file → timed_text, other_formats (with markup) → rolling → turns (sounds, capitals)
    → durations → reading
"""

from f2f.subtitles.capitals import in_sentence_case
from f2f.subtitles.file_names import named_language
from f2f.subtitles.layout import Cue, break_lines, display_cues
from f2f.subtitles.reading import SUFFIXES, read
from f2f.subtitles.writing import write_json, write_srt, write_vtt

__all__ = [
    "SUFFIXES",
    "Cue",
    "break_lines",
    "display_cues",
    "in_sentence_case",
    "named_language",
    "read",
    "write_json",
    "write_srt",
    "write_vtt",
]
