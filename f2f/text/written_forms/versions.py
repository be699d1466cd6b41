"""Versions and IP addresses: numbers that a full stop parts, not decimals."""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from f2f.text import numerals
from f2f.text.written_forms.figures import alternatives
from f2f.text.written_forms.forms import Forms

_IP = regex.compile(r"(?<![\w.])(?:(?:0|[1-9]\d?\d?)\.){3}(?:0|[1-9]\d?\d?)(?![\w]|\.\d)")
_LARGEST_OCTET = 255
_VERSION = regex.compile(
    r"(?<![\w.])v\.?\s?(?P<numbers>\d+(?:\.\d+)*)(?![\w]|\.\d)", regex.IGNORECASE
)
_LONG_VERSION = regex.compile(r"(?<![\w.,])\d+(?:\.\d+){2,}(?![\w]|\.\d)")
_GROUPED = regex.compile(r"[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d?(?:\.\d\d)+\.\d{3}")
"""Thousands and lakhs with full stops are numbers."""
_SOFTWARE = (
    "Android|Angular|ChromeOS|CUDA|Django|Docker|Fedora|Firefox|Go|GPT|iOS|iPadOS|Java|JavaScript"
    "|Kotlin|Kubernetes|Linux|macOS|MySQL|Node|NumPy|OpenGL|Perl|PHP|PostgreSQL|Python|PyTorch|React"
    "|Ruby|Rust|Scala|Swift|TensorFlow|TLS|TypeScript|Ubuntu|Unity|USB|Vue|Windows|HTTP|Bluetooth"
)
"""Names behind which 3.11 is not a fraction: three point eleven."""


def spoken(text: str, forms: Forms) -> str:
    """Versions number by number, IP addresses digit by digit."""
    names = forms.addresses
    if not names.separator:
        return text
    text = _IP.sub(lambda match: _octets(match[0], forms), text)
    text = _VERSION.sub(lambda match: f"{names.version} {_version(match['numbers'], forms)}", text)
    text = _LONG_VERSION.sub(lambda match: _unless_grouped(match[0], forms), text)
    return str(_software(forms).sub(lambda match: _version(match[0], forms), text))


def _octets(written: str, forms: Forms) -> str:
    octets = written.split(".")
    if any(int(octet) > _LARGEST_OCTET for octet in octets):
        return written
    words = (numerals.spell_digits(octet, forms.language) for octet in octets)
    return f" {forms.addresses.separator} ".join(words)


def _unless_grouped(written: str, forms: Forms) -> str:
    return written if _GROUPED.fullmatch(written) else _version(written, forms)


def _version(written: str, forms: Forms) -> str:
    words = (
        numerals.spell_digits(number, forms.language)
        if number.startswith("0")
        else numerals.spell(int(number), forms.language)
        for number in written.split(".")
    )
    return f" {forms.addresses.separator} ".join(words)


@cache
def _software(forms: Forms) -> Any:
    words = alternatives(forms.addresses.version_words) or _SOFTWARE
    return regex.compile(
        rf"(?<=(?<!\w)(?:(?:{_SOFTWARE})|(?i:{words}))[\s-])\d+\.\d+(?![\w%]|[.,]\d)"
    )
