"""What a student does beside translating; how well it translates is `training`'s to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2f.backends.translation.student import LONGEST, Student, with_capitals
from tests.f2f.backends.translation import tiny_models


@pytest.mark.parametrize(
    ("text", "read", "spelt"),
    [
        ("nasa का रॉकेट", "The rocket of NASA.", "NASA का रॉकेट"),
        ("iPhone और github", "an iPhone and GitHub", "iPhone और GitHub"),
        ("Python में", "in python", "python में"),
        ("python में", "in another language", "python में"),
        ("यह b2 है", "it is B2", "यह B2 है"),
        ("", "NASA", ""),
    ],
)
def test_latin_words_have_the_capitals_that_were_read(text: str, read: str, spelt: str) -> None:
    assert with_capitals(text, read) == spelt


def test_a_sentence_longer_than_any_it_learned_from_is_cut_and_read(tmp_path: Path) -> None:
    student = Student(tiny_models.student(tmp_path / "student"), threads=1)
    words = " ".join(["river"] * 3 * LONGEST)
    longest = " ".join(["river"] * 2 * LONGEST)
    assert student.translate([words], "hi") == student.translate([longest], "hi")
