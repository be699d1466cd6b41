"""Ranges and scores against differences: 5-10 is five to ten, 5 - 3 is five minus three."""

from __future__ import annotations

from typing import Any

import regex

from f2f.text.written_forms import figures
from f2f.text.written_forms.figures import NUMBER
from f2f.text.written_forms.forms import Forms

_DASHED = regex.compile(
    rf"(?<![\w.,/-])(?P<one>{NUMBER})(?P<dash>\s?[-–−]\s?)(?P<other>{NUMBER})(?![\w/-]|[.,]\d)"
)
_SLASHED = regex.compile(r"(?<![\w.,/])(?P<a>\d{1,4})/(?P<b>\d{1,4})(?![\w/]|[.,]\d)")
_SUM = regex.compile(r"\s*=\s*-?\d")


def spoken(text: str, forms: Forms) -> str:
    """Numbers joined by dashes and slashes in words; single numbers stay."""
    if not forms.to:
        return text
    text = _DASHED.sub(lambda match: _dashed(match, forms), text)
    if not forms.slash:
        return text
    return str(_SLASHED.sub(lambda match: _slashed(match, forms), text))


def _dashed(match: Any, forms: Forms) -> str:
    one, other = match["one"], match["other"]
    rises = _value(one, forms) < _value(other, forms)
    spaced = match["dash"].strip() != match["dash"]
    ahead, behind = match.string[match.end() :], match.string[: match.start()]
    is_sum = _SUM.match(ahead) or behind.rstrip().endswith(("+", "÷", "=", forms.times))
    if is_sum or "−" in match["dash"] or (spaced and not rises and "–" not in match["dash"]):
        word = forms.subtract or forms.minus
    elif rises or "–" in match["dash"]:
        word = forms.to
    else:
        word = forms.score
    words = (figures.read(number, forms) for number in (one, other))
    return f" {word} ".join(words)


def _value(number: str, forms: Forms) -> float:
    whole, fraction = figures.parts(number, forms.decimal)
    return float(f"{whole}.{fraction or 0}")


def _slashed(match: Any, forms: Forms) -> str:
    return forms.slash.format(a=figures.read(match["a"], forms), b=figures.read(match["b"], forms))
