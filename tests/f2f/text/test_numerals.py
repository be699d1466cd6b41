from __future__ import annotations

import unicodedata

import pytest

from f2f.text import numerals

INDIAN = ("bn", "gu", "hi", "kn", "ml", "mr", "pa", "ta", "te", "ur")


@pytest.mark.parametrize("language", INDIAN)
def test_indian_number_names_are_words_and_differ(language: str) -> None:
    """A library's slip shows as two numbers of one name: its Kannada 83 is 82."""
    numbers = [*range(1_000), *range(1_000, 100_000, 137), *range(100_000, 10**9, 7_654_321)]
    named: dict[str, int] = {}
    for number in numbers:
        words = numerals.spell(number, language)
        assert all(one == " " or unicodedata.category(one)[0] in "LM" for one in words), words
        assert named.setdefault(words, number) == number


@pytest.mark.parametrize("language", INDIAN)
def test_a_number_is_made_of_its_parts(language: str) -> None:
    """83 sounds alike in 83, 183 and 83,083; a cut word does not."""
    for rest in (7, 19, 45, 83, 99):
        assert numerals.spell(rest, language)[-3:] == numerals.spell(83_100 + rest, language)[-3:]


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("hi", 105_000, "एक लाख पाँच हज़ार"),
        ("ta", 1947, "ஆயிரத்து தொள்ளாயிரத்து நாற்பத்து ஏழு"),
        ("te", 2500, "రెండు వేల ఐదు వందలు"),
        ("bn", 88, "অষ্টাশি"),
        ("mr", 1000, "एक हजार"),
        ("gu", 160, "એક સો સાઠ"),
        ("kn", 83_150, "ಎಂಬತ್ಮೂರು ಸಾವಿರದ ನೂರ ಐವತ್ತು"),
        ("ml", 25_000, "ഇരുപത്തിയഞ്ചായിരം"),
        ("pa", 73, "ਤਿਹੱਤਰ"),
        ("ur", 25_023, "پچیس ہزار تیئیس"),
        ("ta", 1_250_000_000, "நூற்று இருபத்து ஐந்து கோடி"),
        ("es", 21_000, "veintiún mil"),
    ],
)
def test_number_names(language: str, number: int, words: str) -> None:
    assert numerals.spell(number, language) == words


@pytest.mark.parametrize(
    ("language", "number", "agreement", "words"),
    [
        ("es", 1, "masculine", "un"),
        ("es", 21, "feminine", "veintiuna"),
        ("es", 200, "feminine", "doscientas"),
        ("pt", 222, "feminine", "duzentas e vinte e duas"),
        ("fr", 21, "feminine", "vingt et une"),
        ("ta", 1, "masculine", "ஒரு"),
        ("te", 2000, "masculine", "రెండు వేల"),
        ("te", 1, "masculine", "ఒక"),
    ],
)
def test_numbers_agree_with_their_noun(
    language: str, number: int, agreement: numerals.Agreement, words: str
) -> None:
    assert numerals.spell(number, language, agreement) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "nineteen forty seven"),
        ("hi", "उन्नीस सौ सैंतालीस"),
        ("mr", "एकोणीसशे सत्तेचाळीस"),
        ("es", "mil novecientos cuarenta y siete"),
    ],
)
def test_years(language: str, words: str) -> None:
    assert numerals.spell_year(1947, language) == words
