from __future__ import annotations

import pytest

from f2f.text import numerals
from f2f.text.normalisation import digits_by_name, spoken


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        ("en", "Dr. Smith paid $3.50.", "Doctor Smith paid three dollars fifty."),
        ("en", "in 1990, 1,234 km", "in nineteen ninety, one thousand two hundred and thirty four"
         " kilometres"),
        ("en", "1 kg, 5-10%", "one kilogram, five to ten percent"),
        ("en", "the 3rd at -5°C", "the third at minus five degrees Celsius"),
        ("en", "at 17:00", "at seventeen o'clock"),
        ("es", "3,5 € y 1.234 km", "tres coma cinco euros y mil doscientos treinta y cuatro "
         "kilómetros"),
        ("es", "la 2ª vez", "la segunda vez"),
        ("pt", "às 17:30, 25%", "às dezessete trinta, vinte e cinco por cento"),
        ("fr", "1 200 Go", "mille deux cents gigaoctets"),
        ("hi", "₹1,25,000 और २५ किमी।", "एक लाख पच्चीस हज़ार रुपये और पच्चीस किलोमीटर."),
        ("hi", "3.5", "तीन दशमलव पाँच"),
        ("te", "25", "ఇరవై అయిదు"),
        ("ta", "25 மணி।", "25 மணி."),
        ("xx", "“25”", '"25"'),
    ],
)  # fmt: skip
def test_written_forms_are_read_aloud(language: str, written: str, read: str) -> None:
    assert spoken(written, language) == read


@pytest.mark.parametrize(
    ("written", "american", "brazilian"),
    [
        ("1,234.56", "1234 . 56", "1234 . 56"),
        ("1.234,56", "1234 . 56", "1234 . 56"),
        ("1,234.567.8", "1234567 . 8", "1234567 . 8"),
        ("1.234.567", "1234567", "1234567"),
        ("1,25,000", "125000", "125000"),
        ("1.234", "1 . 234", "1234"),
        ("3.1415", "3 . 1415", "3 . 1415"),
        ("1,5", "1 . 5", "1 . 5"),
    ],
)
def test_separators_group_or_part_numbers(written: str, american: str, brazilian: str) -> None:
    for language, parts in (("en", american), ("pt", brazilian)):
        whole, _, fraction = parts.partition(" . ")
        words = numerals.spell(int(whole), language)
        if fraction:
            digits = (numerals.spell(int(digit), language) for digit in fraction)
            words = " ".join([words, "point" if language == "en" else "vírgula", *digits])
        assert spoken(written, language) == words


@pytest.mark.parametrize("language", ["en", "hi", "te", "kn", "pt", "es", "tr"])
def test_large_numbers_have_no_digits_left(language: str) -> None:
    digits = "9876543210"
    named = " ".join(numerals.digit_names(language)[int(digit)] for digit in digits)
    assert spoken(digits, language) == named
    for size in (10, 12, 15, 18, 40):
        words = spoken("9" + ",999" * size, language)
        assert words and not any(letter.isdigit() for letter in words)


def test_what_num2words_cannot_say_is_read_digit_by_digit() -> None:
    assert numerals.spell(1_100, "am") == "አንድ አንድ ዜሮ ዜሮ"
    assert len(numerals.spell(10**10, "te").split()) == 11
    assert spoken("0612345678", "en").startswith("zero six one two")
    assert spoken("10 000 000 000", "fr") == "dix milliards"
    assert spoken("10\u202f000\u202f000\u202f000 km", "en") == "ten billion kilometres"
    assert spoken("1\u00a0200", "ta") == "1200"


def test_numbers_inside_names_are_read_apart() -> None:
    assert spoken("Wav2Lip in 4K", "en") == "Wav two Lip in four K"
    assert spoken("Wav2Lip", "ta") == "Wav2Lip"


@pytest.mark.parametrize("number", [0, 7, 29, 45, 99, 100, 105, 1_000, 99_999, 12_345_678])
def test_hindi_numbers_have_no_digits_left(number: int) -> None:
    words = numerals.spell(number, "hi")
    assert words
    assert not any(letter.isdigit() for letter in words)


def test_hindi_numbers_below_a_hundred_are_all_different() -> None:
    assert len({numerals.spell(number, "hi") for number in range(100)}) == 100
    assert numerals.spell(1_05_000, "hi") == "एक लाख पाँच हज़ार"


def test_digit_names_for_voices_that_read_letters_only() -> None:
    assert digits_by_name("25 மணி", "ta") == "இரண்டு ஐந்து மணி"
    assert digits_by_name("25", "xx") == "25"
    for language in ("as", "gu", "ml", "mr", "ne", "or", "pa", "ta", "ur", "hi", "te"):
        assert len(set(numerals.digit_names(language))) == 10
