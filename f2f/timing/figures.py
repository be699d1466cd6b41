"""The figures of a timing plan: how far it strays from the source, and what it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from f2f.timing.planner import TimedClip, followers, in_order
from f2f.timing.word_map import MappedWord
from f2f.types import Placement, Transcript

FILE = "timing.json"
"""A `TimingFigures` beside the speech track."""


@dataclass(frozen=True, slots=True)
class TimingFigures:
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


def measure(
    clips: Sequence[TimedClip],
    placements: Sequence[Placement],
    *,
    said: Transcript,
    words: Sequence[MappedWord],
) -> TimingFigures:
    """The figures of a plan.

    Args:
        clips: what was planned, in any order.
        placements: the plan.
        said: the texts that the clips speak.
        words: the word map.
    """
    ordered = in_order(clips)
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
    return TimingFigures(
        clips=len(placements),
        overlap=round(overlap, 6),
        rate=round(letters / spoken, 3) if spoken > 0 else 0.0,
        stretch_p50=_percentile(factors, 50, empty=1.0),
        stretch_p95=_percentile(factors, 95, empty=1.0),
        onset_error=round(float(np.mean(errors)), 4) if errors else 0.0,
        onset_error_p95=_percentile(errors, 95, empty=0.0),
        flagged=sum(bool(p.flags) for p in placements),
        words=len(words),
        dropped=sum(word.output is None for word in words),
    )


def _percentile(values: Sequence[float], percent: float, *, empty: float) -> float:
    return round(float(np.percentile(values, percent)), 4) if values else empty
