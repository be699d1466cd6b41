"""Numbers with a unit, their products, and vulgar fractions."""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from f2f.text import numerals
from f2f.text.written_forms import figures
from f2f.text.written_forms.figures import DASH, NUMBER, SIGN, alternatives
from f2f.text.written_forms.forms import Forms

_WRITTEN_OUT = {"1/2": "½", "1/4": "¼", "3/4": "¾", "1/3": "⅓", "2/3": "⅔"}
_TIMES = "×✕*"
_VULGAR = regex.compile(r"(?:(?<![\w.,/])(?P<whole>\d+)\s?)?(?P<part>[½¼¾⅓⅔])")
_SLASHED = regex.compile(r"(?<![\w.,/:])(?:(?P<whole>\d+)\s)?(?P<part>[123]/[234])(?![\w/]|[.,]\d)")


def spoken(text: str, forms: Forms) -> str:
    """Measures and fractions in words."""
    if forms.fractions:
        text = _SLASHED.sub(_as_sign, text)
        text = _VULGAR.sub(lambda match: _fraction(match, forms), text)
    if not forms.units:
        return text
    text = _crosses(forms).sub(lambda match: _cross(match, forms), text)
    return str(_pattern(forms).sub(lambda match: _measure(match, forms), text))


def _as_sign(match: Any) -> str:
    part = _WRITTEN_OUT.get(match["part"])
    return str(match[0]) if part is None else f"{match['whole'] or ''}{part}"


def _fraction(match: Any, forms: Forms) -> str:
    part, whole = match["part"], match["whole"]
    if part not in forms.fractions:
        return str(match[0])
    if whole is None:
        return forms.fractions[part]
    exact = forms.fractions.get(f"{int(whole)}{part}")
    template = exact or forms.fractions[f"{{}}{part}"]
    return template.format(numerals.spell(int(whole), forms.language))


def _measure(match: Any, forms: Forms) -> str:
    names = forms.units[match["unit"]]
    agreement = forms.agreement(names[0])
    number = match["number"]
    words = figures.read(number, forms, agreement)
    if match["first"]:
        words = f"{figures.read(match['first'], forms)} {forms.to} {words}"
    if match["sign"]:
        words = f"{forms.minus} {words}"
    return f"{words} {names[0] if number == '1' and not match['first'] else names[-1]}"


def _cross(match: Any, forms: Forms) -> str:
    """Between factors "times", between the sides of a thing "by"."""
    factors = match[0].strip() in _TIMES and match[0] != match[0].strip()
    return f" {forms.times if factors else forms.by} "


@cache
def _crosses(forms: Forms) -> Any:
    units = alternatives(forms.units)
    return regex.compile(
        rf"(?<=(?<![\w.,])\d+(?:[.,]\d+)?(?:\s?(?:{units}))?|\))\s?[×✕xX*]\s?(?=\(?\d)"
    )


@cache
def _pattern(forms: Forms) -> Any:
    units = alternatives(forms.units)
    return regex.compile(
        rf"(?P<sign>{SIGN}?)(?<![\w.,/])(?:(?P<first>{NUMBER})\s?(?:{units})?{DASH})?"
        rf"(?P<number>{NUMBER})\s?(?P<unit>{units})(?![\w²³])"
    )
