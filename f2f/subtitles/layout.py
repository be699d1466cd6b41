"""How a transcript is laid out for display: short cues of at most two balanced lines.

The limits are those of common broadcast guides (42 characters, two lines).  Width is counted in
columns: combining marks (Indic vowel signs, viramas) take none, wide East Asian letters two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from f2f.subtitles.line_breaks import phrases
from f2f.types import Segment, Span, Transcript, Word

LINE_COLUMNS = 42
"""Columns a line."""
CUE_LINES = 2
"""Lines a cue."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown at one time; `speaker` is empty unless it has to be named."""

    span: Span
    speaker: str
    text: str


def display_cues(transcript: Transcript) -> tuple[Cue, ...]:
    """Cues short enough to read; long segments are split at words, in proportion to their text.

    Word times are used where the segment has them.  Where several speak, the speaker is named, and
    the cue has room for the name.
    """
    several = len({segment.speaker for segment in transcript.segments}) > 1
    return tuple(
        Cue(span, speaker, text)
        for segment in transcript.segments
        for speaker in [segment.speaker if several else ""]
        for span, text in _timed(segment, _pieces(segment.text, label(speaker)))
    )


def label(speaker: str) -> str:
    """How a line of .srt names its speaker: "[Anna] "; "" for nobody."""
    name = speaker.replace("[", "(").replace("]", ")")
    return f"[{name}] " if name else ""


def break_lines(text: str, columns: int = LINE_COLUMNS) -> tuple[str, ...]:
    """`text` in the fewest lines of at most `columns`, as even as whole words allow.

    A single word wider than a line is broken only where its script has no spaces.
    """
    parts = [part for word in text.split() for part in _parts(word, columns)]
    if not parts:
        return ()
    fewest = len(_greedy(parts, columns))
    narrow, wide = 1, columns
    while narrow < wide:  # the narrowest width that still needs no more lines
        middle = (narrow + wide) // 2
        if len(_greedy(parts, middle)) <= fewest:
            wide = middle
        else:
            narrow = middle + 1
    return tuple(_greedy(parts, wide))


@lru_cache(maxsize=1 << 12)  # the same words are laid out at many widths
def width(text: str) -> int:
    """Columns that `text` takes."""
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _parts(word: str, columns: int) -> list[str]:
    """The word, or the phrases of one that is wider than a line; a space ends the last."""
    parts = phrases(word, columns // 2) if width(word) > columns else [word]
    return [*parts[:-1], f"{parts[-1]} "]


def _greedy(parts: Sequence[str], columns: int) -> list[str]:
    lines: list[list[str]] = []
    used = 0
    for part in parts:
        needed = width(part)
        if lines and used + needed - part.endswith(" ") <= columns:
            lines[-1].append(part)
            used += needed
        else:
            lines.append([part])
            used = needed
    return ["".join(line).rstrip(" ") for line in lines]


def _pieces(text: str, prefix: str) -> tuple[str, ...]:
    """`text` in few even pieces that fit a cue after `prefix`."""
    for columns in range(CUE_LINES * LINE_COLUMNS, LINE_COLUMNS, -1):
        pieces = break_lines(text, columns)
        if all(len(break_lines(prefix + piece)) <= CUE_LINES for piece in pieces):
            return pieces
    return break_lines(text)  # a line of a cue each, the other for the prefix


def _timed(segment: Segment, pieces: Sequence[str]) -> Iterator[tuple[Span, str]]:
    bounds = _bounds(segment, pieces)
    for piece, (start, end) in zip(pieces, pairwise(bounds), strict=True):
        yield Span(start, end), piece


def _bounds(segment: Segment, pieces: Sequence[str]) -> list[float]:
    """Times between the pieces, from the words' own times if they match the text."""
    times = [time for word in segment.words for time in _letter_times(word)]
    letters = [len("".join(piece.split())) for piece in pieces]
    if len(times) == sum(letters):
        inner = [times[first] for first in accumulate(letters[:-1])]
    else:
        total = sum(width(piece) for piece in pieces)
        shares = accumulate(width(piece) / total for piece in pieces[:-1])
        inner = [segment.span.start + segment.span.duration * share for share in shares]
    return [segment.span.start, *inner, segment.span.end]


def _letter_times(word: Word) -> list[float]:
    """When each letter of a word begins."""
    count = len("".join(word.text.split()))
    return [word.span.start + word.span.duration * at / count for at in range(count)]
