"""Ordinals (1st, 21वीं, 3º) and Roman numerals behind names and headings."""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from f2f.text import numerals
from f2f.text.written_forms.figures import alternatives
from f2f.text.written_forms.forms import Forms

_ROMAN = r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_SMALL_ROMAN = r"(?=[IVX]{2})X{0,3}(?:IX|IV|V?I{0,3})"
_VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}


def spoken(text: str, forms: Forms) -> str:
    """Ordinals in words."""
    text = _roman(text, forms)
    if not forms.ordinals:
        return text
    return str(_pattern(forms).sub(lambda match: _ordinal(match, forms), text))


def _ordinal(match: Any, forms: Forms) -> str:
    number = int(match["number"])
    rule = next(one for one in forms.ordinals if regex.fullmatch(one.ending, match["ending"]))
    if number in rule.exceptions:
        return rule.exceptions[number]
    ordinal = numerals.spell_ordinal(number, forms.language) if rule.base == "ordinal" else None
    words = ordinal or numerals.spell(number, forms.language)
    for pattern, replacement in rule.changes:
        words = regex.sub(pattern, replacement, words, count=1)
    return words


def _roman(text: str, forms: Forms) -> str:
    for pattern, regnal in _roman_patterns(forms):

        def replace(match: Any, regnal: bool = regnal) -> str:
            number = _value(match["roman"])
            return f"{match['before']} {_roman_words(number, forms, regnal=regnal)}"

        text = pattern.sub(replace, text)
    return text


def _roman_words(number: int, forms: Forms, *, regnal: bool) -> str:
    words = numerals.spell(number, forms.language)
    if not (regnal and number <= forms.roman.ordinals_to):
        return words
    ordinal = numerals.spell_ordinal(number, forms.language) or words
    return forms.roman.regnal.format(ordinal=ordinal)


def _value(written: str) -> int:
    total = 0
    for letter, following in zip(written, f"{written[1:]} ", strict=True):
        value = _VALUES[letter]
        total += -value if value < _VALUES.get(following, 0) else value
    return total


@cache
def _pattern(forms: Forms) -> Any:
    endings = "|".join(one.ending for one in forms.ordinals)
    return regex.compile(rf"(?<![\w.,])(?P<number>\d{{1,4}})(?P<ending>{endings})(?!\w)")


@cache
def _roman_patterns(forms: Forms) -> tuple[tuple[Any, bool], ...]:
    if not forms.roman.headings:
        return ()
    headings, names = alternatives(forms.roman.headings), alternatives(forms.roman.names) or "(?!)"
    end = r"(?![\w-]|\.\w)"
    alone = r"(?=\s*(?:$|[.,;:!?)]))"
    found = [
        (rf"(?<!\w)(?P<before>{headings})\s(?P<roman>{_ROMAN}){end}", False),
        (rf"(?<!\w)(?P<before>{names})\s(?P<roman>{_SMALL_ROMAN}|[IVX]{alone}){end}", True),
        (rf"(?<!\w)(?P<before>\p{{Lu}}\p{{Ll}}+)\s(?P<roman>{_SMALL_ROMAN}){end}", False),
    ]
    if forms.roman.anywhere:
        found.append((rf"(?<!\w)(?P<before>\p{{Lo}}\w+)\s(?P<roman>{_SMALL_ROMAN}){end}", False))
    return tuple((regex.compile(pattern), regnal) for pattern, regnal in found)
