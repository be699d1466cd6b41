"""Numbers in words, where a rule or a table is at hand.

`num2words` serves most languages; Hindi, which it lacks, is here.  For the other Indian languages
the numbers stay digits, which espeak-ng's phonemiser reads by its own rules; voices that read
letters only get each digit by its name.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml
from num2words import CONVERTER_CLASSES, num2words

_NUM2WORDS = {"pt": "pt_BR"}
"""Our language codes where num2words has a better variant."""

_LARGEST = {"am": 1_099, "kn": 10**10 - 1, "te": 10**10 - 1}
"""Above these num2words fails, in Amharic even without end."""
_LARGEST_ELSEWHERE = 10**15

_HINDI_UNITS = ((10_000_000, "करोड़"), (100_000, "लाख"), (1_000, "हज़ार"), (100, "सौ"))


def can_spell(language: str) -> bool:
    """True if `spell` knows the language."""
    return language == "hi" or language in CONVERTER_CLASSES


def spell(number: int, language: str) -> str:
    """A whole number in words: 25 → "veinticinco"; needs `can_spell`.

    What is too large for the language's rule is read digit by digit.
    """
    if number > _LARGEST.get(language, _LARGEST_ELSEWHERE):
        return spell_digits(str(number), language)
    if language == "hi":
        return _hindi(number)
    return _tidy(num2words(number, lang=_NUM2WORDS.get(language, language)))


def spell_digits(digits: str, language: str) -> str:
    """Digits one by one, as telephone numbers are read; needs `can_spell`."""
    return " ".join(spell(int(digit), language) for digit in digits)


def spell_year(number: int, language: str) -> str:
    """A year in words; it differs from the number in English: nineteen ninety."""
    if language != "en":
        return spell(number, language)
    return _tidy(num2words(number, lang="en", to="year"))


def spell_ordinal(number: int, language: str) -> str | None:
    """An ordinal in words, or None where no rule is at hand."""
    if not can_spell(language) or language == "hi":
        return None
    return _tidy(num2words(number, lang=_NUM2WORDS.get(language, language), to="ordinal"))


def digit_names(language: str) -> tuple[str, ...]:
    """The names of 0 to 9, or () for a language without a table."""
    if can_spell(language):
        return tuple(spell(digit, language) for digit in range(10))
    return tuple(_tables()["digits"].get(language, "").split())


def _hindi(number: int) -> str:
    if number < 0:
        return f"ऋण {_hindi(-number)}"
    words = _tables()["hindi"].split()
    if number < 100:
        return str(words[number])
    value, name = next(unit for unit in _HINDI_UNITS if number >= unit[0])
    count, rest = divmod(number, value)
    return f"{_hindi(count)} {name}" + (f" {_hindi(rest)}" if rest else "")


def _tidy(words: str) -> str:
    """Without the commas and hyphens that would become pauses in speech."""
    return " ".join(words.replace(",", "").replace("-", " ").split())


@cache
def _tables() -> dict[str, Any]:
    text = (resources.files("f2f") / "assets" / "numerals.yaml").read_text(encoding="utf-8")
    tables: dict[str, Any] = yaml.safe_load(text)
    return tables
