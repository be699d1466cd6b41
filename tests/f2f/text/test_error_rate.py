from __future__ import annotations

import random

import pytest

from f2f.text.error_rate import cer, corpus_cer, corpus_wer, edit_distance, plain, wer


def slow_distance(one: str, other: str) -> int:
    """The textbook recursion, as an independent oracle."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        slow_distance(one[1:], other) + 1,
        slow_distance(one, other[1:]) + 1,
        slow_distance(one[1:], other[1:]) + (one[0] != other[0]),
    )


def test_distance_agrees_with_the_textbook() -> None:
    source = random.Random(1)
    for _ in range(60):
        one, other = ("".join(source.choices("abc", k=source.randint(0, 6))) for _ in range(2))
        assert edit_distance(one, other) == slow_distance(one, other)


def test_rates_ignore_case_punctuation_and_spacing() -> None:
    assert cer("Hello,  World!", "hello world") == 0
    assert wer("It’s fine.", "its fine") == 0
    assert cer("kitten", "sitting") == pytest.approx(3 / 6)
    assert wer("a b c", "a c") == pytest.approx(1 / 3)


def test_indic_marks_count_and_joiners_do_not() -> None:
    assert cer("कि", "क") == pytest.approx(1 / 2)
    assert plain("क्\u200dष") == plain("क्ष")


def test_empty_texts() -> None:
    assert cer("", "") == 0
    assert cer("", "x") == 1
    assert cer("ab", "") == 1


def test_a_corpus_weighs_by_length() -> None:
    pairs = [("aaaa", "aaaa"), ("bb", "cc")]
    assert corpus_cer(pairs) == pytest.approx(2 / 6)
    assert corpus_wer(pairs) == pytest.approx(1 / 2)
