"""Numbers in words, where a rule or a table is at hand.

`num2words` serves most languages; its Telugu, Kannada and Bengali are not used: 2,500 comes out as
"two thousands five hundred" in a wrong case.  `indic-numtowords` (AI4Bharat) serves nine Indian
languages; what it misspells is put right by `assets/numerals.yaml`.  Hindi is here.  CLDR's rules
(RBNF) know of these only Hindi and a Tamil without sandhi.  Languages without any keep their
digits, which espeak-ng's phonemiser reads by its own rules; voices that read letters only get each
digit by its name.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from typing import Any, Literal

import regex
import yaml
from indic_numtowords import num2words as indic_words
from num2words import CONVERTER_CLASSES, num2words

Agreement = Literal["", "masculine", "feminine"]
"""What a number stands before: nothing, or a noun; languages without genders say "masculine"."""
AGREEMENTS: tuple[Agreement, ...] = ("", "masculine", "feminine")

_NUM2WORDS = {"pt": "pt_BR"}
"""Our language codes where num2words has a better variant."""

_INDIC = frozenset(("bn", "gu", "kn", "ml", "mr", "pa", "ta", "te", "ur"))
_CRORE = 10**7
_LARGEST_INDIC = 10**10 - 1
_LARGEST = {"am": 1_099, **dict.fromkeys(_INDIC, _LARGEST_INDIC)}
"""Above these the libraries fail, num2words in Amharic even without end."""
_LARGEST_ELSEWHERE = 10**15

_HINDI_UNITS = ((_CRORE, "करोड़"), (100_000, "लाख"), (1_000, "हज़ार"), (100, "सौ"))
_INDIAN_UNITS = (_CRORE, 100_000, 1_000, 100, 1)
_HUNDREDS_OF_YEARS = range(1100, 2000)


def can_spell(language: str) -> bool:
    """True if `spell` knows the language."""
    return language == "hi" or language in _INDIC or language in CONVERTER_CLASSES


def decimal_mark(language: str) -> str:
    """The sign before a fraction, "." or ","; the other one groups thousands."""
    return "," if language in _decimal_comma() else "."


def sign_words(language: str) -> tuple[str, str]:
    """What the decimal mark and a minus are called, where num2words says it, else ""."""
    converter = CONVERTER_CLASSES.get(language)
    words = (str(getattr(converter, name, "")).strip() for name in ("pointword", "negword"))
    point, minus = (word if word.isalpha() else "" for word in words)
    return point, minus


def spell(number: int, language: str, agreement: Agreement = "") -> str:
    """A whole number in words: 25 → "veinticinco"; needs `can_spell`.

    What is too large for the language's rule is read digit by digit.
    """
    if number > _LARGEST.get(language, _LARGEST_ELSEWHERE):
        return spell_digits(str(number), language)
    return agreed(_cardinal(number, language), language, agreement)


def agreed(words: str, language: str, agreement: Agreement) -> str:
    """A number's words before a noun: uno → un libro, una casa."""
    for pattern, replacement in _tables()["agreement"].get(language, {}).get(agreement, ()):
        words = regex.sub(pattern, replacement, words)
    return words


def spell_digits(digits: str, language: str) -> str:
    """Digits one by one, as telephone numbers are read; needs `can_spell`."""
    return " ".join(spell(int(digit), language) for digit in digits)


def spell_year(number: int, language: str) -> str:
    """A year in words; in several languages it differs from the number: nineteen ninety."""
    if language == "en":
        return _tidy(num2words(number, lang="en", to="year"))
    hundred = _tables()["year_hundreds"].get(language)
    if hundred is None or number not in _HUNDREDS_OF_YEARS:
        return spell(number, language)
    hundreds, rest = divmod(number, 100)
    words = spell(hundreds, language) + hundred
    return f"{words} {spell(rest, language)}" if rest else words


def spell_ordinal(number: int, language: str) -> str | None:
    """An ordinal in words, or None where no rule is at hand."""
    if language not in CONVERTER_CLASSES or language in _INDIC:
        return None
    return _tidy(num2words(number, lang=_NUM2WORDS.get(language, language), to="ordinal"))


def digit_names(language: str) -> tuple[str, ...]:
    """The names of 0 to 9, or () for a language without a table."""
    if can_spell(language):
        return tuple(spell(digit, language) for digit in range(10))
    return tuple(_tables()["digits"].get(language, "").split())


@cache
def _cardinal(number: int, language: str) -> str:
    if language == "hi":
        return _hindi(number)
    if language in _INDIC:
        words = _indic(number, language)
    else:
        words = num2words(number, lang=_NUM2WORDS.get(language, language))
    words = _tidy(words)
    for pattern, replacement in _tables()["corrections"].get(language, ()):
        words = regex.sub(pattern, replacement, words)
    return words


def _hindi(number: int) -> str:
    if number < 0:
        return f"ऋण {_hindi(-number)}"
    words = _tables()["hindi"].split()
    if number < 100:
        return str(words[number])
    value, name = next(unit for unit in _HINDI_UNITS if number >= unit[0])
    count, rest = divmod(number, value)
    return f"{_hindi(count)} {name}" + (f" {_hindi(rest)}" if rest else "")


def _indic(number: int, language: str) -> str:
    crores, rest = divmod(number, _CRORE)
    if crores > 99:
        words = f"{_indic(crores, language)} {_tables()['crores'][language]}"
        return f"{words} {_indic(rest, language)}" if rest else words
    mistaken = _tables()["piecewise"].get(language)
    if mistaken is None:
        return str(indic_words(number, lang=language))
    return " ".join(_piece(*one, language, mistaken) for one in _pieces(number))


def _pieces(number: int) -> list[tuple[int, int]]:
    """Crores, lakhs, thousands, hundreds and the rest as (count, value), without empty ones."""
    found = []
    rest = number
    for value in _INDIAN_UNITS:
        count, rest = divmod(rest, value)
        if count:
            found.append((count, value))
    return found or [(0, 1)]


def _piece(count: int, value: int, language: str, mistaken: dict[int, list[str]]) -> str:
    words: str = indic_words(count * value, lang=language)
    wrong, right = mistaken.get(count, ("", ""))
    return words.replace(wrong, right)


def _tidy(words: str) -> str:
    """Without the commas and hyphens that would become pauses in speech, nor needless joiners."""
    plain = words.replace(",", "").replace("-", " ").replace("\u200c", "")
    return unicodedata.normalize("NFC", " ".join(plain.split()))


@cache
def _decimal_comma() -> frozenset[str]:
    return frozenset(_tables()["decimal_comma"].split())


@cache
def _tables() -> dict[str, Any]:
    text = (resources.files("f2f") / "assets" / "numerals.yaml").read_text(encoding="utf-8")
    tables: dict[str, Any] = yaml.safe_load(unicodedata.normalize("NFC", text))
    return tables
