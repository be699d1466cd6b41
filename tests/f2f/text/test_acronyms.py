from __future__ import annotations

import pytest

from f2f.text.acronyms import spelt


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        ("en", "The UAE and an NGO, at nine AM.", "The U eh E and an N G O, at nine eh M."),
        ("hi", "वह IIT में है", "वह I I T में है"),
        ("en", "two EVs", "two E V's"),
        ("en", "NASA has a GPU in RAM", "NASA has a GPU in RAM"),
        ("en", "WHO AM I", "WHO AM I"),
        ("en", "I AM here", "I AM here"),
        ("es", "la CIA y el IQ", "la CIA y el IQ"),
    ],
)
def test_acronyms_that_would_be_taken_for_words(language: str, written: str, read: str) -> None:
    assert spelt(written, language) == read
