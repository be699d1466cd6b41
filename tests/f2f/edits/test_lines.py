"""What becomes of lines under a person's changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from f2f.edits import book, lines, slices
from f2f.edits.book import Book
from f2f.edits.changes import (
    Add,
    Change,
    Delete,
    Hear,
    Merge,
    Say,
    Speak,
    Split,
    Term,
    Time,
    Unsay,
    Voice,
)
from f2f.errors import InputError
from f2f.types import Segment, Span, Transcript, Word


def word(text: str, start: float, end: float) -> Word:
    return Word(text, Span(start, end))


HEARD = Transcript(
    "en",
    (
        Segment(1, Span(0, 2), "S1", "good day", (word("good", 0, 1), word("day", 1, 2))),
        Segment(2, Span(3, 5), "S1", "to you all", ()),
        Segment(4, Span(5, 6), "S2", "thanks", (word("thanks", 5, 6),)),
    ),
)


def after(*edits: Change) -> dict[int, lines.Line]:
    return dict(lines.of(HEARD, edits).by_id)


def test_without_a_change_everything_is_as_it_was_heard() -> None:
    assert lines.transcript(HEARD, lines.of(HEARD, ())) == HEARD


def test_texts_speakers_and_times() -> None:
    made = after(
        Say(line=1, text="a"),
        Hear(line=2, text="to us"),
        Speak(line=2, speaker="Anna"),
        Time(line=1, start=0.5, end=1.5),
    )
    assert (made[1].said, made[1].fresh, made[1].heard) == ("a", False, "good day")
    assert [one.span for one in made[1].words] == [Span(0.5, 1), Span(1, 1.5)]
    assert (made[2].heard, made[2].fresh, made[2].speaker) == ("to us", True, "Anna")
    assert after(Say(line=1, text="a"), Unsay(line=1))[1].said is None


def test_a_line_is_cut_where_its_words_are_or_by_its_time() -> None:
    cut = after(Split(line=1, moment=1.0, new=5))
    assert (cut[1].heard, cut[5].heard) == ("good", "day")
    assert (cut[1].span, cut[5].span) == (Span(0, 1), Span(1, 2))
    assert (cut[5].words, cut[5].fresh) == ((word("day", 1, 2),), True)
    wordless = after(Split(line=2, moment=3.7, new=5, said=("x", "y")))
    assert (wordless[2].heard, wordless[5].heard) == ("to", "you all")
    assert (wordless[2].said, wordless[5].said) == ("x", "y")


def test_lines_are_joined_whatever_their_order() -> None:
    for one, other in ((1, 2), (2, 1)):
        made = after(Merge(line=one, other=other))
        assert set(made) == {one, 4}
        assert (made[one].heard, made[one].span) == ("good day to you all", Span(0, 5))
        assert (made[one].fresh, made[one].said) == (True, None)


def test_lines_come_and_go_and_stand_in_their_order() -> None:
    made = lines.of(HEARD, (Delete(line=4), Add(line=9, start=2, end=3, speaker="S3", heard="hm")))
    assert [line.id for line in made.in_order()] == [1, 9, 2]
    assert made.gone == {4}


def test_voices_and_terms_hold_for_the_whole_video() -> None:
    made = lines.of(HEARD, (Voice(speaker="S1", voice="x"), Term(source="day", target="Tag")))
    assert (made.voices, made.terms) == ({"S1": "x"}, {"day": "Tag"})


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ((Say(line=3, text="a"),), "change 1: there is no line 3"),
        ((Delete(line=1), Say(line=1, text="a")), "change 2: there is no line 1"),
        ((Merge(line=1, other=1),), "cannot be joined to itself"),
        ((Split(line=1, moment=1, new=2),), "there is a line 2 already"),
        ((Split(line=1, moment=2.0, new=5),), "can be cut between 0.10 and 1.90 s, not at 2.00 s"),
        ((Add(line=4, start=0, end=1, speaker="S1", heard="a"),), "there is a line 4 already"),
    ],
)
def test_what_cannot_be_done_is_said(edits: tuple[Change, ...], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        lines.of(HEARD, edits)


def test_edits_of_another_hearing_are_refused() -> None:
    edits = Book(hearing=book.hearing_of(HEARD), changes=(Delete(line=1),))
    assert slices.applied(HEARD, edits, edits.changes).gone == {1}
    other = Transcript("en", HEARD.segments[1:])
    with pytest.raises(InputError, match="on another hearing"):
        slices.applied(other, edits, edits.changes)


NUMBERS = st.sampled_from([1, 2, 4, 5, 6])
MOMENTS = st.floats(0, 6)
CHANGES = st.one_of(
    st.builds(Say, line=NUMBERS, text=st.sampled_from(["", "a"])),
    st.builds(Hear, line=NUMBERS, text=st.just("b c d")),
    st.builds(Split, line=NUMBERS, moment=MOMENTS, new=NUMBERS),
    st.builds(Merge, line=NUMBERS, other=NUMBERS),
    st.builds(Delete, line=NUMBERS),
    st.builds(Speak, line=NUMBERS, speaker=st.sampled_from(["S1", "S2"])),
    st.builds(lambda line, start: Time(line=line, start=start, end=start + 1), NUMBERS, MOMENTS),
)


@given(st.lists(CHANGES, max_size=12))
def test_whatever_a_person_does_lines_last_and_their_words_lie_in_them(
    edits: list[Change],
) -> None:
    possible: list[Change] = []
    for change in edits:
        try:
            lines.of(HEARD, [*possible, change])
        except InputError:
            continue
        possible.append(change)
    made = lines.of(HEARD, possible)
    for number, line in made.by_id.items():
        assert line.id == number
        assert line.span.duration > 0.09
        assert all(
            line.span.start <= one.span.start <= one.span.end <= line.span.end for one in line.words
        )
    shaped = lines.of(HEARD, [change for change in possible if change.shapes])
    assert {(one.id, one.span, one.speaker) for one in shaped.by_id.values()} == {
        (one.id, one.span, one.speaker) for one in made.by_id.values()
    }
