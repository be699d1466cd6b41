"""Every word is accounted for."""

from __future__ import annotations

import pytest

from f2f.errors import StageError
from f2f.timing.word_map import map_words
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
    words = map_words(HEARD, PLACED, said=HEARD)
    assert [item.word for item in words] == ["one", "two", "a", "bcd"]
    assert [item.output for item in words[:2]] == [Span(10.0, 11.0), Span(12.0, 14.0)]
    assert words[2].source == Span(3.0, 3.5)
    assert words[3].output == Span(20.25, 21.0)


def test_a_dropped_segment_shows() -> None:
    words = map_words(HEARD, PLACED[:1], said=HEARD)
    assert [item.word for item in words if item.output is None] == ["a", "bcd"]


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
    words = map_words(heard, [Placement(0, Span(5.0, 6.0), 1.0)], said=said)
    lost = {item.segment_id for item in words if item.output is None}
    assert lost == {2}
    moved = [item.output for item in words if item.segment_id == 1]
    assert all(span is not None and 5.0 <= span.start <= span.end <= 6.0 for span in moved)


def test_a_segment_that_is_placed_twice_is_one_sentence() -> None:
    with pytest.raises(StageError, match="placed twice"):
        map_words(HEARD, (PLACED[0], PLACED[0]), said=HEARD)
