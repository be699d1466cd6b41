from __future__ import annotations

import pytest

from f2f.text import number_check


@pytest.mark.parametrize(
    ("source", "translated", "language", "kept"),
    [
        ("1 book", "ஒரு புத்தகம்", "ta", True),
        ("25 books", "இருபத்து ஐந்து புத்தகங்கள்", "ta", True),
        ("2000 rupees", "రెండు వేల రూపాయలు", "te", True),
        ("200 people", "doscientas personas", "es", True),
        ("2 people", "duas pessoas", "pt", True),
        ("25 books", "இருபத்து ஆறு புத்தகங்கள்", "ta", False),
        ("it costs $3.50", "cuesta 3,50 dólares", "es", True),
        ("it costs 1,50,000", "খরচ ১,৫০,০০০", "bn", True),
    ],
)
def test_figures_are_kept_in_digits_and_in_words(
    source: str, translated: str, language: str, kept: bool
) -> None:
    assert (number_check.lost(source, translated, "en", language) == ()) is kept


@pytest.mark.parametrize(("language", "wanted"), [("id", "3,5 km"), ("ta", "3.5 km")])
def test_a_lost_figure_is_asked_for_with_the_languages_mark(language: str, wanted: str) -> None:
    (must,) = number_check.lost("it is 3.5 km", "…", "en", language)
    assert must.wanted == wanted
