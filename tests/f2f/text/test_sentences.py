from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from f2f.text.sentences import LONGEST_TEXT, deal, split, units
from f2f.types import Segment, Span


def segment(number: int, start: float, end: float, text: str, speaker: str = "S1") -> Segment:
    return Segment(number, Span(start, end), speaker, text)


def test_a_sentence_runs_through_segments_of_one_speaker() -> None:
    found = units(
        [segment(3, 0, 2, "We met in the old"), segment(4, 2.2, 4, "town. Then we left.")]
    )
    assert [unit.text for unit in found] == ["We met in the old town.", "Then we left."]
    assert [owner for owner, _ in found[0].shares] == [3, 4]
    assert found[1].shares == ((4, 13),)


def test_a_full_stop_a_long_pause_or_another_speaker_ends_it() -> None:
    texts = [segment(0, 0, 1, "one."), segment(1, 1, 2, "two"), segment(2, 5, 6, "three"),
             segment(3, 6, 7, "four", "S2")]  # fmt: skip
    assert [unit.text for unit in units(texts)] == ["one.", "two", "three", "four"]


def test_abbreviations_and_decimals_do_not_end_sentences() -> None:
    text = "Dr. Smith, e.g. J. Smith, paid 3.5 million. Good!"
    assert split(text) == ["Dr. Smith, e.g. J. Smith, paid 3.5 million.", "Good!"]
    assert split("नमस्ते दोस्तों। आप कैसे हैं?") == ["नमस्ते दोस्तों।", "आप कैसे हैं?"]


def test_very_long_sentences_are_cut_after_clauses_and_at_segments() -> None:
    clause = "and so it goes on and on without an end"
    found = units([segment(0, 0, 60, ", ".join([clause] * 20) + ".")])
    assert all(len(unit.text) <= LONGEST_TEXT for unit in found)
    assert all(unit.text[-1] in ",." for unit in found)
    plain = [segment(number, number, number + 1, clause) for number in range(20)]
    found = units(plain)
    assert all(len(unit.text) <= LONGEST_TEXT for unit in found)
    owners = [owner for unit in found for owner, _ in unit.shares]
    assert owners == list(range(20))
    (found,) = units([segment(0, 0, 60, "a" * 400)])
    assert found.text == "a" * 400


def test_cuts_follow_punctuation_where_it_is_near() -> None:
    assert deal("una cosa grande, y otra", [5, 5]) == ["una cosa grande,", "y otra"]


def test_too_few_words_cannot_be_dealt() -> None:
    assert deal("uno dos", [1, 1, 1]) is None


@given(
    st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=12),
    st.lists(st.floats(0.1, 10), min_size=1, max_size=5),
)
def test_dealing_loses_no_word(words: list[str], weights: list[float]) -> None:
    parts = deal(" ".join(words), weights)
    if parts is None:
        assert len(words) < len(weights)
    else:
        assert len(parts) == len(weights)
        assert all(parts)
        assert " ".join(parts).split() == words


@given(st.lists(st.text("ab. !", max_size=15), max_size=6))
@example(["ab, " * 200, "ab " * 100])
def test_units_lose_no_letter(texts: list[str]) -> None:
    segments = [segment(number, number, number + 1, text) for number, text in enumerate(texts)]
    found = "".join(unit.text for unit in units(segments))
    assert found.replace(" ", "") == "".join(texts).replace(" ", "")
