"""Typography that voices know in one form only, and pictures that nobody says."""

from __future__ import annotations

import unicodedata

import regex

from f2f.text import numerals
from f2f.text.written_forms.forms import Forms

_TYPOGRAPHY = str.maketrans(
    {
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\ufeff": "",
        "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"',
        "—": ", ", "…": ".", "।": ".", "॥": ".", "۔": ".", "؟": "?", "،": ",",
    }
)  # fmt: skip
"""A danda ends a sentence like a full stop.  A dash between numbers still has to be read."""

_THIN_SPACES = "\u00a0\u202f\u2009"
_PICTURES = regex.compile(
    r"[[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\U000e0020-\U000e007f"
    r"♩-♯←-⇿★☆]--[©®™‼⁉ℹ]]\u200d?|[\ufe0e\ufe0f\u20e3]",
    regex.V1,
)
"""Emoji with their joiners, arrows and notes; a keycap keeps its digit."""
_DIGITS = regex.compile(r"(?![0-9])\d")
_THOUSANDS = regex.compile(
    rf"(?<=(?<!\d)\d{{1,3}}|[{_THIN_SPACES}]\d{{3}})[{_THIN_SPACES}](?=\d{{3}}(?!\d))"
)
_SILENT_MARKS = regex.compile("[©®™]")


def plain(text: str, forms: Forms) -> str:
    """Text in plain typography, Western digits, without pictures."""
    text = unicodedata.normalize("NFC", text)
    text = _SILENT_MARKS.sub("", _PICTURES.sub(" ", text))
    text = _grouped(text, forms).translate(_TYPOGRAPHY)
    return str(_DIGITS.sub(lambda match: str(unicodedata.digit(match[0])), text))


def _grouped(text: str, forms: Forms) -> str:
    """With thin spaces that group thousands as the language's mark."""
    known = numerals.can_spell(forms.language)
    mark = "" if not known else "," if forms.decimal == "." else "."
    return str(_THOUSANDS.sub(mark, text))
