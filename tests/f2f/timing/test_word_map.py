"""Every word is accounted for, and the figures are what they say."""

from __future__ import annotations

import pytest

from f2f.timing.planner import Utterance
from f2f.timing.word_map import ledger, measure
from f2f.types import Placement, Segment, Span, Transcript, Word

HEARD = Transcript(
    "en",
    (
        Segment(
            0,
            Span(0.0, 2.0),
            "A",
            "one two",
            (Word("one", Span(0.0, 0.5)), Word("two", Span(1.0, 2.0))),
        ),
        Segment(1, Span(3.0, 5.0), "A", "a bcd"),
    ),
)
PLACED = (Placement(0, Span(10.0, 14.0), 2.0), Placement(1, Span(20.0, 21.0), 0.5))


def test_each_word_goes_to_its_part_of_the_clip() -> None:
    entries = ledger(HEARD, PLACED, said=HEARD)
    assert [entry.word for entry in entries] == ["one", "two", "a", "bcd"]
    assert [entry.output for entry in entries[:2]] == [Span(10.0, 11.0), Span(12.0, 14.0)]
    assert entries[2].source == Span(3.0, 3.5)
    assert entries[3].output == Span(20.25, 21.0)


def test_a_dropped_segment_shows() -> None:
    entries = ledger(HEARD, PLACED[:1], said=HEARD)
    assert [entry.word for entry in entries if entry.output is None] == ["a", "bcd"]
    said = [Utterance(0, "A", Span(0.0, 2.0), 2.0)]
    figures = measure(said, PLACED[:1], said=HEARD, entries=entries)
    assert (figures.words, figures.dropped) == (4, 2)


def test_words_of_one_sentence_may_be_spoken_in_another_segment() -> None:
    heard = Transcript(
        "en",
        (
            Segment(0, Span(0.0, 1.0), "A", "This goes on"),
            Segment(1, Span(1.2, 2.0), "A", "to here."),
            Segment(2, Span(9.0, 10.0), "A", "And this is lost."),
        ),
    )
    said = Transcript("hi", (heard.segments[0], heard.segments[2]))
    entries = ledger(heard, [Placement(0, Span(5.0, 6.0), 1.0)], said=said)
    lost = {entry.segment_id for entry in entries if entry.output is None}
    assert lost == {2}
    moved = [entry.output for entry in entries if entry.segment_id == 1]
    assert all(span is not None and 5.0 <= span.start <= span.end <= 6.0 for span in moved)


def test_the_figures() -> None:
    utterances = [Utterance(0, "A", Span(9.0, 13.5), 2.0), Utterance(1, "A", Span(20.0, 22.0), 2.0)]
    overlapping = (PLACED[0], Placement(1, Span(13.5, 14.5), 0.5, ("fast",)))
    figures = measure(
        utterances, overlapping, said=HEARD, entries=ledger(HEARD, overlapping, said=HEARD)
    )
    assert figures.overlap == pytest.approx(0.5)
    assert figures.stretch_p50 == pytest.approx(2.0)
    assert figures.onset_error == pytest.approx((1.0 + 6.5) / 2)
    assert figures.rate == pytest.approx((7 + 5) / 5.0)
    assert figures.flagged == 1
