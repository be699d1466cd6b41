"""What became of every word, and the figures of a plan.

The ledger goes from each word of the source to the time at which its meaning is spoken: a word at
some part of its segment's way goes to the same part of the placed clip.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from f2f.text.sentences import units
from f2f.timing.planner import Utterance, followers, in_order
from f2f.types import Placement, Segment, Span, Transcript, Word


@dataclass(frozen=True, slots=True)
class Entry:
    """A word, when the source has it, and when the output has what became of it."""

    segment_id: int
    word: str
    source: Span
    output: Span | None
    """None when its segment was not placed: the word was dropped."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How a plan turned out."""

    clips: int
    overlap: float
    """Seconds during which a speaker talks over himself, or over another more than he did."""
    rate: float
    """Characters a second while speech is heard."""
    stretch_p50: float
    """Of the factor by which clips were made longer or shorter (1 is natural)."""
    stretch_p95: float
    onset_error: float
    """Mean distance of onsets from the source's, in seconds."""
    onset_error_p95: float
    flagged: int
    """Clips with a flag."""
    words: int
    """Words of the source."""
    dropped: int
    """Words of the source that nothing in the output stands for; 0 is right."""


def ledger(
    heard: Transcript, placements: Sequence[Placement], *, said: Transcript
) -> tuple[Entry, ...]:
    """Every word of the source with its time in the output, in order.

    Words without times of their own (a subtitle file has none) share their segment's time by
    their letters.

    Args:
        heard: what the source says.
        placements: where its segments are spoken in the output, each once.
        said: the translation; it lacks segments whose words went into another's.
    """
    placed = {placement.segment_id: placement.span for placement in placements}
    assert len(placed) == len(placements), "a segment is placed twice"
    spoken_in = _spoken_in(heard, said, placed)
    return tuple(
        Entry(
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


def measure(
    utterances: Sequence[Utterance],
    placements: Sequence[Placement],
    *,
    said: Transcript,
    entries: Sequence[Entry],
) -> Figures:
    """The figures of a plan.

    Args:
        utterances: what was planned, in any order.
        placements: the plan.
        said: the texts that the clips speak.
        entries: the ledger.
    """
    ordered = in_order(utterances)
    spans = {placement.segment_id: placement.span for placement in placements}
    placed = [spans[one.segment_id] for one in ordered]
    factors = [max(one.stretch, 1 / one.stretch) for one in placements]
    errors = [abs(span.start - one.source.start) for one, span in zip(ordered, placed, strict=True)]
    spoken = sum(span.duration for span in placed)
    letters = sum(len(segment.text) for segment in said.segments if segment.id in spans)
    overlap = sum(
        max(0.0, placed[i].end + room - placed[j].start)
        for i, j, room in followers(ordered, gap=0.0)
    )
    return Figures(
        clips=len(placements),
        overlap=round(overlap, 6),
        rate=round(letters / spoken, 3) if spoken > 0 else 0.0,
        stretch_p50=_percentile(factors, 50, empty=1.0),
        stretch_p95=_percentile(factors, 95, empty=1.0),
        onset_error=round(float(np.mean(errors)), 4) if errors else 0.0,
        onset_error_p95=_percentile(errors, 95, empty=0.0),
        flagged=sum(bool(p.flags) for p in placements),
        words=len(entries),
        dropped=sum(entry.output is None for entry in entries),
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


def _percentile(values: Sequence[float], percent: float, *, empty: float) -> float:
    return round(float(np.percentile(values, percent)), 4) if values else empty
