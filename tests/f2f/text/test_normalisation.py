from __future__ import annotations

import csv
from pathlib import Path

import pytest

from f2f.text import numerals
from f2f.text.normalisation import digits_by_name, spoken
from f2f.text.written_forms import forms

ROWS = Path(__file__).parent / "written_forms"
FAULTS = Path(__file__).parents[4] / "shared" / "faults" / "written_forms.tsv"


def rows(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row[0], row[1]) for row in csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE)]


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [(path.stem, *row) for path in sorted(ROWS.glob("*.tsv")) for row in rows(path)],
)
def test_written_forms_of_a_language(language: str, written: str, read: str) -> None:
    assert spoken(written, language) == read


@pytest.mark.parametrize("language", ["en", "hi", "ta", "te", "bn", "mr", "pt", "es"])
def test_every_family_has_rows(language: str) -> None:
    assert len(rows(ROWS / f"{language}.tsv")) >= 30


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        ("en", "The deal is worth $5 million.", "The deal is worth five million dollars."),
        ("hi", "₹5 करोड़ का सौदा", "पाँच करोड़ रुपये का सौदा"),
        ("es", "Cuesta $5 millones.", "Cuesta cinco millones de dólares."),
        ("en", "No. 5 is alive.", "number five is alive."),
        ("hi", "फ़ोन 98765-43210", "फ़ोन नौ आठ सात छह पाँच, चार तीन दो एक शून्य"),
        ("en", "On 15/08/1947 India became free.",
         "On the fifteenth of August nineteen forty seven India became free."),
        ("en", "The server is 192.168.1.1.",
         "The server is one nine two point one six eight point one point one."),
        ("en", "We meet at 3:00 PM.", "We meet at three PM."),
        ("en", "It costs $1.00.", "It costs one dollar."),
        ("en", "Great job 😀!", "Great job!"),
    ],
)  # fmt: skip
def test_what_people_reported(language: str, written: str, read: str) -> None:
    assert spoken(written, language) == read


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
        ("pt", "às 17:30, 25%", "às dezessete e trinta, vinte e cinco por cento"),
        ("fr", "1 200 Go", "mille deux cents gigaoctets"),
        ("hi", "₹1,25,000 और २५ किमी।", "एक लाख पच्चीस हज़ार रुपये और पच्चीस किलोमीटर."),
        ("hi", "3.5", "तीन दशमलव पाँच"),
        ("te", "25", "ఇరవై ఐదు"),
        ("ta", "25 மணி।", "இருபத்து ஐந்து மணி."),
        ("gu", "₹5 કરોડ", "પાંચ કરોડ રૂપિયા"),
        ("kn", "3:00 ಗಂಟೆಗೆ 150", "ಮೂರು ಗಂಟೆಗೆ ನೂರ ಐವತ್ತು"),
        ("ml", "2½ ലിറ്റർ, 5-ാം", "രണ്ടര ലിറ്റർ, അഞ്ചാം"),
        ("pa", "1947 ਵਿੱਚ", "ਉੱਨੀ ਸੌ ਸੰਤਾਲੀ ਵਿੱਚ"),
        ("ur", "3:30 بجے", "ساڑھے تین بجے"),
        ("it", "alle 3:00 p.m., $5 milioni", "alle tre del pomeriggio, cinque milioni di dollari"),
        ("fr", "à 17h30, Louis XIV", "à dix sept heures trente, Louis quatorze"),
        ("es", "número de habitantes 1234567", "número de habitantes un millón doscientos treinta"
         " y cuatro mil quinientos sesenta y siete"),
        ("hi", "18:30, 0:15, 12:45", "अठारह बजकर तीस मिनट, शून्य बजकर पंद्रह मिनट, पौन बजे"),
        ("es", "el 12 de Mayo de 2024", "el doce de Mayo de dos mil veinticuatro"),
        ("de", "-3,5 und 1.234", "minus drei Komma fünf und eintausendzweihundertvierunddreißig"),
        ("sw", "25", "25"),
        ("xx", "“25” 😀", '"25"'),
    ],
)  # fmt: skip
def test_written_forms_are_read_aloud(language: str, written: str, read: str) -> None:
    assert spoken(written, language) == read


@pytest.mark.parametrize("language", ["en", "hi", "es", "pt", "fr", "it", "ta", "te", "bn", "mr"])
@pytest.mark.parametrize("mark", [".", ","])
def test_either_mark_parts_a_fraction(language: str, mark: str) -> None:
    """Two digits behind one mark are hundredths, and what begins with 0 is a fraction."""
    point = forms.of(language).point
    for whole, fraction in (("3", "50"), ("0", "125"), ("1234", "567"), ("12", "3456")):
        words = numerals.spell_digits(fraction, language)
        read = f"{numerals.spell(int(whole), language)} {point} {words}"
        assert spoken(f"{whole}{mark}{fraction}", language) == read
    for money in (f"$3{mark}50", f"3{mark}50 €"):
        assert numerals.spell(350, language) not in spoken(money, language)


@pytest.mark.parametrize("language", ["en", "hi", "es", "pt", "fr", "it", "ta", "te", "bn", "mr"])
def test_three_digits_behind_a_mark_follow_the_custom(language: str) -> None:
    thousands = "," if numerals.decimal_mark(language) == "." else "."
    assert spoken(f"1{thousands}234", language) == numerals.spell(1234, language)
    assert spoken("1,50,000", language) == numerals.spell(150_000, language)
    for mark in ".,":
        assert spoken(f"1{mark}234{mark}567", language) == numerals.spell(1_234_567, language)


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


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("March 5-10", "March five to ten"),
        ("100-2000 people", "one hundred to two thousand people"),
        ("the 3.4.2024", "the third of April twenty twenty four"),
        ("on 3/4/2024", "on March fourth twenty twenty four"),
        ("Sept. 5, 2020", "September fifth twenty twenty"),
        ("on 31/31/2024", "on thirty one/thirty one/two thousand and twenty four"),
        ("10 000 people", "ten thousand people"),
        ("Model X and plan B", "Model X and plan B"),
        ("Henry VIII's wives", "Henry the eighth's wives"),
        ("Dr. No lives on Elm St.", "Doctor No lives on Elm Street."),
        ("GPT-3.5 and COVID-19", "GPT-three point five and COVID-nineteen"),
        ("$5/month, -$5, $5bn", "five dollars per month, minus five dollars, five billion dollars"),
        ("007", "zero zero seven"),
        ("C# 8", "C# eight"),
        ("9 a.m.–5 p.m., 9-11 am", "nine AM to five PM, nine to eleven AM"),
        ("open 10:30-11:30", "open ten thirty to eleven thirty"),
        ("a $5-million deal", "a five million dollars deal"),
        ("₹2.5 lakh crore", "two point five lakh crore rupees"),
        ("in 1526 AD", "in fifteen twenty six AD"),
        ("No.5, p. 7, No.", "number five, page seven, No."),
        (
            "from 1857 to 1947 at 1950 km",
            "from eighteen fifty seven to nineteen forty seven at one"
            " thousand nine hundred and fifty kilometres",
        ),
        (
            "2018 was good, 2048 games",
            "twenty eighteen was good, two thousand and forty eight games",
        ),
        ("65mm x 30mm", "sixty five millimetres by thirty millimetres"),
        (
            "card 4111 1111 1111 1111",
            "card four one one one, one one one one, one one one one, one one one one",
        ),
        ("16:9", "sixteen to nine"),
        ("He left at 5 p.m. She stayed.", "He left at five PM. She stayed."),
        ("Use etc. Then go.", "Use et cetera. Then go."),
        ("yes—no", "yes, no"),
    ],
)
def test_what_looks_alike_is_told_apart(written: str, read: str) -> None:
    assert spoken(written, "en") == read


@pytest.mark.parametrize("language", forms.languages())
def test_tables_are_whole(language: str) -> None:
    """No digit or sign of any family is left in any language that has a table."""
    table = forms.of(language)
    assert len(table.dates.months) == 12
    assert len(table.dates.short_months) in (0, 12)
    assert numerals.can_spell(language)
    written = (
        "$5, €3.50, ₹1,50,000, 5-10 km, 5 - 3 = 2, 4 × 3, 3-2, 25%, -5°C, 1/2, 2½, ¾, 8/10, 3:00, "
        "3:20, 10:30 p.m., 15/08/1947, 2024-05-01, +91 98765 43210, 192.168.1.1, v2.0.1, 1920x1080,"
        " a_b@example.com, www.example.in/docs-1, #tag, #5, @name, 16:9, 1:02:03, 0.125, 7 & 8"
    )
    read = spoken(written, language)
    assert not any(letter.isdigit() or letter in "$€₹%°=+×@#/½¾&_" for letter in read), read
    assert "  " not in read


@pytest.mark.parametrize("language", ["en", "hi", "te", "kn", "pt", "es", "tr", "ta", "ml"])
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
    assert spoken("1\u00a0200", "or") == "1200"


def test_numbers_inside_names_are_read_apart() -> None:
    assert spoken("Wav2Lip in 4K", "en") == "Wav two Lip in four K"
    assert spoken("Wav2Lip", "or") == "Wav2Lip"
    assert spoken("২৫টি", "bn") == "পঁচিশটি"


def test_digit_names_for_voices_that_read_letters_only() -> None:
    assert digits_by_name("25 ଦିନ", "or") == "ଦୁଇ ପାଞ୍ଚ ଦିନ"
    assert digits_by_name("25", "xx") == "25"
    for language in ("as", "gu", "ml", "mr", "ne", "or", "pa", "ta", "ur", "hi", "te"):
        assert len(set(numerals.digit_names(language))) == 10


@pytest.mark.skipif(not FAULTS.exists(), reason="needs shared/faults")
def test_the_rows_of_the_issue_leave_nothing_unread() -> None:
    with FAULTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, dialect="excel-tab"):
            read = spoken(row["text"], row["language"])
            assert not any(letter.isdigit() or letter in "$₹😀" for letter in read), read
