"""One number as it is written: where its fraction begins, and its words."""

from __future__ import annotations

from collections.abc import Iterable

import regex

from f2f.text import numerals
from f2f.text.numerals import Agreement
from f2f.text.written_forms.forms import Forms

NUMBER = r"\d+(?:[.,]\d{2,3}(?!\d))*(?:[.,]\d+)?"
"""A number with the marks that group or part its digits."""
SIGN = r"(?:(?<![\w)\]])[-−])"
"""A minus that belongs to the number behind it."""
DASH = r"\s?[-–]\s?"
"""Between the ends of a range."""

_LONGEST_WORDED = 9
"""Digits; a longer number without marks is a telephone number or the like, read digit by digit."""
_GROUP = 3
"""Digits between the marks of thousands."""


def alternatives(words: Iterable[str]) -> str:
    """Words as one pattern, the longest first."""
    return "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))


def parts(written: str, decimal: str) -> tuple[str, str]:
    """Whole and fraction digits of a number."""
    groups = regex.split("[.,]", written)
    marks = regex.findall("[.,]", written)
    fraction = groups.pop() if _has_fraction(groups, marks, decimal) else ""
    return "".join(groups), fraction


def read(written: str, forms: Forms, agreement: Agreement = "") -> str:
    """The words of a number; needs `numerals.can_spell`."""
    whole, fraction = parts(written, forms.decimal)
    if fraction:
        words = numerals.spell(int(whole), forms.language)
        return f"{words} {forms.point} {numerals.spell_digits(fraction, forms.language)}"
    if whole == written and (len(whole) > _LONGEST_WORDED or _is_code(whole)):
        return numerals.spell_digits(whole, forms.language)
    return numerals.spell(int(whole), forms.language, agreement)


def _is_code(whole: str) -> bool:
    """True for digits that begin with a nought: 007."""
    return len(whole) > 1 and whole.startswith("0")


def _has_fraction(groups: list[str], marks: list[str], decimal: str) -> bool:
    """True if the last mark is a decimal one.

    Translators write either mark, so the language's custom decides only what can be both: three
    digits behind a single mark.  All else groups no thousands: two digits (3,50), a number that
    begins with 0 (0,125), four digits before the mark (1234.567).
    """
    if len(marks) != 1:  # 1,234.56 has a fraction; 1,234,567 and 1,50,000 have none
        return len(set(marks)) > 1
    whole, tail = groups
    if len(tail) != _GROUP or whole.startswith("0") or len(whole) > _GROUP:
        return True
    return marks[0] == decimal
