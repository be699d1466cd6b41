"""Text as it is read aloud: numbers, units, currencies, abbreviations and symbols as words.

The tables lie in `assets/spoken_forms.yaml`.  A language without a table keeps its text, with
typography made plain; its numbers are spelt if `numerals` can.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml

from f2f.text import numerals

_TYPOGRAPHY = str.maketrans(
    {
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\ufeff": "",
        "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"',
        "–": "-", "—": ",", "…": ".", "।": ".", "॥": ".", "۔": ".", "؟": "?", "،": ",",
    }
)  # fmt: skip
"""Marks that voices know in one form only; a danda ends a sentence like a full stop."""

_NUMBER = r"\d+(?:[.,]\d{2,3}(?!\d))*(?:[.,]\d+)?"
_THIN_SPACES = "\u00a0\u202f\u2009"
_YEAR_BEFORE = re.compile(r"\b(in|since|from|by|of|until|before|after|year)\s+$", re.IGNORECASE)
_ORDINAL = re.compile(r"\b(\d{1,4})(?:st|nd|rd|th)\b")
_IBERIAN_ORDINAL = re.compile(r"\b(\d{1,4})\.?([ºª])")
_CLOCK = re.compile(r"\b([01]?\d|2[0-4]):([0-5]\d)\b")
_YEARS = range(1100, 2000)
_LONGEST_WORDED = 9
"""Digits; a longer number without marks is a telephone number or the like, read digit by digit."""


@dataclass(frozen=True, slots=True)
class _Forms:
    """One language's row of the tables."""

    decimal: str = "."
    point: str = ""
    minus: str = ""
    full_hour: str = "{}"
    to: str = ""
    abbreviations: dict[str, str] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)
    units: dict[str, list[str]] = field(default_factory=dict)
    currencies: dict[str, list[str]] = field(default_factory=dict)


def spoken(text: str, language: str) -> str:
    """`text` with everything written out that a voice could not read.

    Args:
        text: a sentence as a person writes it.
        language: ISO 639-1; unknown ones only get plain typography.
    """
    forms = _tables().get(language)
    plain = _grouped(unicodedata.normalize("NFC", text), language, forms or _Forms())
    plain = _western_digits(plain.translate(_TYPOGRAPHY))
    if forms is not None:
        plain = _abbreviations(plain, forms)
        plain = _measures(plain, forms)
        plain = _ordinals(plain, language)
        plain = _clock(plain, language, forms)
    if numerals.can_spell(language):
        plain = _numbers(plain, language, forms or _Forms())
    if forms is not None:
        for symbol, words in forms.symbols.items():
            plain = plain.replace(symbol, f" {words} ")
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(plain.split()))


def digits_by_name(text: str, language: str) -> str:
    """Each remaining digit as its name, for voices that read letters only."""
    names = numerals.digit_names(language)
    if not names:
        return text
    named = re.sub(r"\d", lambda match: f" {names[int(match[0])]} ", text)
    return " ".join(named.split())


@cache
def unit_words(unit: str) -> frozenset[str]:
    """How any language of the tables calls a unit: "km" → kilometre, quilômetro, किलोमीटर …"""
    rows = _tables().values()
    return frozenset(form for forms in rows for form in forms.units.get(unit, ()))


def _grouped(text: str, language: str, forms: _Forms) -> str:
    """With spaces that group thousands as the language's mark; French ones may be wide: 1 200."""
    mark = "" if not numerals.can_spell(language) else "," if forms.decimal == "." else "."
    spaces = f"{_THIN_SPACES} " if language == "fr" else _THIN_SPACES
    return re.sub(rf"(?<=\d)[{spaces}](?=\d{{3}}(?!\d))", mark, text)


def _western_digits(text: str) -> str:
    return re.sub(r"\d", lambda match: str(unicodedata.digit(match[0])), text)


def _abbreviations(text: str, forms: _Forms) -> str:
    for short in sorted(forms.abbreviations, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(short)}(?!\w)", forms.abbreviations[short], text)
    return text


def _measures(text: str, forms: _Forms) -> str:
    """Amounts of money and of units, the number left for `_numbers`."""

    def named(words: dict[str, list[str]]) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            number, shapes = match["number"], words[match["name"]]
            name = shapes[0] if number == "1" else shapes[-1]
            if words is forms.currencies and re.search(rf"{re.escape(forms.decimal)}\d\d$", number):
                return f"{number[:-3]} {name} {number[-2:]}"  # three dollars fifty
            return f"{number} {name}"

        return replace

    number = rf"(?P<number>{_NUMBER})"
    if forms.currencies:
        names = _alternatives(forms.currencies)
        text = re.sub(rf"(?P<name>{names})\s?{number}", named(forms.currencies), text)
        text = re.sub(rf"{number}\s?(?P<name>{names})", named(forms.currencies), text)
    if forms.units:
        names = _alternatives(forms.units)
        text = re.sub(rf"{number}\s?(?P<name>{names})(?!\w)", named(forms.units), text)
    return text


def _alternatives(words: dict[str, list[str]]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _ordinals(text: str, language: str) -> str:
    def replace(match: re.Match[str]) -> str:
        words = numerals.spell_ordinal(int(match[1]), language)
        if words is None:
            return match[0]
        feminine = match.re is _IBERIAN_ORDINAL and match[2] == "ª"
        return re.sub(r"o\b", "a", words) if feminine else words

    if language == "en":
        return _ORDINAL.sub(replace, text)
    if language in ("es", "pt", "it"):
        return _IBERIAN_ORDINAL.sub(replace, text)
    return text


def _clock(text: str, language: str, forms: _Forms) -> str:
    def replace(match: re.Match[str]) -> str:
        hour, minute = (numerals.spell(int(part), language) for part in match.groups())
        return forms.full_hour.format(hour) if int(match[2]) == 0 else f"{hour} {minute}"

    return _CLOCK.sub(replace, text)


def _numbers(text: str, language: str, forms: _Forms) -> str:
    def replace(match: re.Match[str]) -> str:
        sign, whole, fraction = _parts(match, forms.decimal)
        if not sign and not fraction and _is_year(match, language):
            return numerals.spell_year(int(whole), language)
        words = [forms.minus] if sign else []
        if whole == match["number"] and len(whole) > _LONGEST_WORDED:
            words.append(numerals.spell_digits(whole, language))
        else:
            words.append(numerals.spell(int(whole), language))
        if fraction:
            words += [forms.point, numerals.spell_digits(fraction, language)]
        return " ".join(words)

    if forms.to:  # a range: 5-10
        text = re.sub(rf"({_NUMBER})\s?-\s?(?={_NUMBER})", rf"\1 {forms.to} ", text)
    text = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", text)  # Wav2Lip, 4K
    return re.sub(rf"(?:(?<![\w)])(?P<sign>-))?(?P<number>{_NUMBER})", replace, text)


def _parts(match: re.Match[str], decimal: str) -> tuple[str, str, str]:
    """Sign, whole digits, fraction digits."""
    whole = re.split("[.,]", match["number"])
    marks = re.findall("[.,]", match["number"])
    fraction = whole.pop() if _has_fraction(marks, whole[-1], decimal) else ""
    return match["sign"] or "", "".join(whole), fraction


def _has_fraction(marks: list[str], tail: str, decimal: str) -> bool:
    """True if the last mark is a decimal one; the language's decimal sign decides 1.234."""
    if len(marks) != 1:  # 1,234.56 has a fraction, 1,234,567 has none
        return len(set(marks)) == 2
    return marks[0] == decimal or len(tail) not in (2, 3)  # "3.5" where "3,5" is written


def _is_year(match: re.Match[str], language: str) -> bool:
    number = match["number"]
    return (
        language == "en"
        and len(number) == 4
        and number.isdigit()
        and int(number) in _YEARS
        and _YEAR_BEFORE.search(match.string[: match.start()]) is not None
    )


@cache
def _tables() -> dict[str, _Forms]:
    text = (resources.files("f2f") / "assets" / "spoken_forms.yaml").read_text(encoding="utf-8")
    return {language: _Forms(**row) for language, row in yaml.safe_load(text).items()}
