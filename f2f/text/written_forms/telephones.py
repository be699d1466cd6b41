"""Telephone numbers and the like, digit by digit, with a pause between their groups.

What else is written in groups of three with spaces between them are thousands.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from f2f.text import numerals
from f2f.text.written_forms.figures import alternatives
from f2f.text.written_forms.forms import Forms

_CANDIDATE = regex.compile(
    r"(?<![\w.,/:]|[\w][-–])(?P<plus>\+\s?)?(?P<area>\(\d{2,5}\))?(?:(?<=\))[\s.-]?)?"
    r"(?P<rest>\d{1,8}(?:[\s.-]\d{1,8}){0,5})(?!\w|[.,/:–-]\d|\s?[%°])"
)
_SEPARATOR = regex.compile(r"[\s.-]")
_DIGITS = range(7, 20)
"""Of a telephone number with its country, up to those of a bank card."""
_LOCAL = 9
_THOUSANDS = regex.compile(r"(?<=(?<![\d.,:/-])[1-9]\d{0,2}| \d{3}) (?=\d{3}(?![\d:/-]))")
_NEAR = 24
"""Letters before a number in which a word may say that it is a telephone's."""
_OF = r"(?:of|d[eiou]|des|की|का|के)\b"
"""A number "of" something is none of a telephone."""


def spoken(text: str, forms: Forms) -> str:
    """Telephone numbers as digits; everything that may be a quantity or a range stays."""
    if not numerals.can_spell(forms.language):
        return text

    def replace(match: Any) -> str:
        groups = _SEPARATOR.split(match["rest"])
        area = (match["area"] or "").strip("()")
        called = _called(forms).search(match.string[max(0, match.start() - _NEAR) : match.start()])
        if not (match["plus"] or area) and not _is_telephone(match["rest"], groups, bool(called)):
            return str(match[0])
        groups = [area, *groups] if area else groups
        if sum(map(len, groups)) not in _DIGITS:
            return str(match[0])
        words = ", ".join(numerals.spell_digits(group, forms.language) for group in groups)
        return f"{forms.addresses.plus} {words}" if match["plus"] else words

    text = _CANDIDATE.sub(replace, text)
    text = _THOUSANDS.sub("," if forms.decimal == "." else ".", text)
    return str(
        _short(forms).sub(lambda match: numerals.spell_digits(match[0], forms.language), text)
    )


def _is_telephone(written: str, groups: list[str], called: bool) -> bool:
    lengths = [len(group) for group in groups]
    if sum(lengths) not in _DIGITS or len(set(_SEPARATOR.findall(written))) > 1:
        return called and sum(lengths) in _DIGITS
    if called or len(groups) == 1:
        return called
    if "-" not in written and 1 in lengths[1:]:
        return False
    if len(groups) == 2:
        indian = lengths == [5, 5] and not _is_range(*groups)
        return indian or "0" in (groups[0][0], groups[1][0])
    if all(length == 3 for length in lengths[1:]) and lengths[0] < 4 and written[0] != "0":
        return "-" in written  # 10 000 000 and 1.234.567 are numbers
    return "-" in written or sum(lengths) >= _LOCAL


def _is_range(first: str, last: str) -> bool:
    return int(first) < int(last) and first.endswith("00") and last.endswith("00")


@cache
def _short(forms: Forms) -> Any:
    """Emergency and service numbers: call 911."""
    words = alternatives(forms.addresses.telephone_words) or "(?!)"
    return regex.compile(rf"(?<=(?<!\w)(?i:{words})\s)\d{{3,6}}(?!\w|[.,:/–-]\d|\s[\p{{L}}%°])")


@cache
def _called(forms: Forms) -> Any:
    words = alternatives(forms.addresses.telephone_words) or "(?!)"
    between = rf"(?:(?!{_OF})\w+\W{{1,2}}){{0,2}}"
    return regex.compile(rf"(?<!\w)(?:{words})\w*\W{{0,3}}{between}$", regex.IGNORECASE)
