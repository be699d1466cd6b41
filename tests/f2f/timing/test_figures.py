"""The figures are what they say."""

from __future__ import annotations

import pytest

from f2f.timing.figures import measure
from f2f.timing.planner import TimedClip
from f2f.timing.word_map import map_words
from f2f.types import Placement, Segment, Span, Transcript

HEARD = Transcript(
    "en",
    (
        Segment(0, Span(0.0, 2.0), "A", "one two"),
        Segment(1, Span(3.0, 5.0), "A", "a bcd"),
    ),
)
PLACED = (Placement(0, Span(10.0, 14.0), 2.0), Placement(1, Span(20.0, 21.0), 0.5))


def test_a_dropped_segment_shows() -> None:
    clips = [TimedClip(0, "A", Span(0.0, 2.0), 2.0)]
    words = map_words(HEARD, PLACED[:1], said=HEARD)
    figures = measure(clips, PLACED[:1], said=HEARD, words=words)
    assert (figures.words, figures.dropped) == (4, 2)


def test_the_figures() -> None:
    clips = [TimedClip(0, "A", Span(9.0, 13.5), 2.0), TimedClip(1, "A", Span(20.0, 22.0), 2.0)]
    overlapping = (PLACED[0], Placement(1, Span(13.5, 14.5), 0.5, ("fast",)))
    figures = measure(
        clips, overlapping, said=HEARD, words=map_words(HEARD, overlapping, said=HEARD)
    )
    assert figures.overlap == pytest.approx(0.5)
    assert figures.stretch_p50 == pytest.approx(2.0)
    assert figures.onset_error == pytest.approx((1.0 + 6.5) / 2)
    assert figures.rate == pytest.approx((7 + 5) / 5.0)
    assert figures.flagged == 1
