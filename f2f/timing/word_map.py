"""The word map: from each word of the source to the time at which its meaning is spoken.

A word at some part of its segment's way goes to the same part of the placed clip.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from f2f.errors import StageError
from f2f.text.sentences import units
from f2f.types import Placement, Segment, Span, Transcript, Word

FILE = "word_map.json"
"""A list of `MappedWord` beside the speech track."""


@dataclass(frozen=True, slots=True)
class MappedWord:
    """A word, when the source has it, and when the output has what became of it."""

    segment_id: int
    word: str
    source: Span
    output: Span | None
    """None when its segment was not placed: the word was dropped."""


def map_words(
    heard: Transcript, placements: Sequence[Placement], *, said: Transcript
) -> tuple[MappedWord, ...]:
    """Every word of the source with its time in the output, in order.

    Words without times of their own (a subtitle file has none) share their segment's time by
    their letters.

    Args:
        heard: what the source says.
        placements: where its segments are spoken in the output, each once.
        said: the translation; it lacks segments whose words went into another's.

    Raises:
        StageError: a segment is placed twice.
    """
    placed = {placement.segment_id: placement.span for placement in placements}
    if len(placed) != len(placements):
        raise StageError("a segment is placed twice in the timing plan")
    spoken_in = _spoken_in(heard, said, placed)
    return tuple(
        MappedWord(
            segment.id,
            word.text.strip(),
            word.span,
            _carried(word.span, segment.span, placed[home])
            if (home := spoken_in.get(segment.id)) is not None
            else None,
        )
        for segment in heard.segments
        for word in segment.words or _spread(segment)
    )


def _spoken_in(heard: Transcript, said: Transcript, placed: Collection[int]) -> dict[int, int]:
    """Segment → the segment in whose clip it is spoken: itself, or one of the same sentence.

    A translated sentence with too few words for all its segments is spoken whole in one of them.
    """
    homes = {number: number for number in placed}
    own = {segment.id for segment in said.segments}
    for unit in units(heard.segments):
        owners = [owner for owner, _ in unit.shares]
        home = next((owner for owner in owners if owner in placed), None)
        if home is not None:
            homes |= {owner: home for owner in owners if owner not in own}
    return homes


def _carried(word: Span, segment: Span, placed: Span) -> Span:
    """A word's time, moved from its segment to the placed clip; it stays inside the clip."""
    length = max(segment.duration, 1e-9)
    start, end = (
        placed.start + placed.duration * min(1.0, max(0.0, (moment - segment.start) / length))
        for moment in (word.start, word.end)
    )
    return Span(start, end)


def _spread(segment: Segment) -> tuple[Word, ...]:
    """The segment's words, each as long as its part of the letters."""
    texts = segment.text.split()
    letters = np.cumsum([0, *(len(text) for text in texts)])
    times = segment.span.start + segment.span.duration * letters / max(1, letters[-1])
    return tuple(
        Word(text, Span(float(times[k]), float(times[k + 1]))) for k, text in enumerate(texts)
    )
