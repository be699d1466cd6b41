"""Text as it is read aloud: structured tokens, numbers, abbreviations and symbols as words.

The families lie in `written_forms`, their words in `assets/spoken_forms`.  A language without a
table keeps its text, with typography made plain; its numbers are spelt if `numerals` can.
"""

from __future__ import annotations

from functools import cache

import regex

from f2f.text import numerals
from f2f.text.written_forms import (
    abbreviations,
    addresses,
    arithmetic,
    cardinals,
    clock,
    dates,
    forms,
    marks,
    measures,
    money,
    ordinals,
    telephones,
    versions,
)

_FAMILIES = (
    addresses,
    dates,
    telephones,
    versions,
    clock,
    abbreviations,
    ordinals,
    money,
    measures,
    arithmetic,
    cardinals,
)
"""In this order: a date is no telephone number nor a version, and "No." needs its number."""
_BEFORE_MARK = regex.compile(r"\s+([,.;:!?])")
_DIGIT = regex.compile(r"\d")


def spoken(text: str, language: str) -> str:
    """`text` with everything written out that a voice could not read.

    Args:
        text: a sentence as a person writes it.
        language: ISO 639-1; unknown ones only get plain typography.
    """
    words = forms.of(language)
    plain = marks.plain(text, words)
    for family in _FAMILIES:
        plain = family.spoken(plain, words)
    plain = plain.replace("–", "-").replace("−", "-")
    return str(_BEFORE_MARK.sub(r"\1", " ".join(plain.split())))


def digits_by_name(text: str, language: str) -> str:
    """Each remaining digit as its name, for voices that read letters only."""
    names = numerals.digit_names(language)
    if not names:
        return text
    named = _DIGIT.sub(lambda match: f" {names[int(match[0])]} ", text)
    return " ".join(named.split())


@cache
def unit_words(unit: str) -> frozenset[str]:
    """How any language of the tables calls a unit: "km" → kilometre, quilômetro, किलोमीटर …"""
    rows = map(forms.of, forms.languages())
    return frozenset(form for row in rows for form in row.units.get(unit, ()))
