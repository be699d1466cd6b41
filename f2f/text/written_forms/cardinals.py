"""The numbers that no other family has taken, and the symbols between them."""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from f2f.text import numerals
from f2f.text.written_forms import figures
from f2f.text.written_forms.figures import NUMBER, SIGN, alternatives
from f2f.text.written_forms.forms import Forms

_SEAM = regex.compile(r"(?<=\p{L}\p{M}*)(?=\d)|(?<=\d)(?=\p{L})")
_LATIN_SEAM = regex.compile(r"(?<=\p{L}\p{M}*)(?=\d)|(?<=\d)(?=\p{Latin})")
"""Between letters and digits: Wav2Lip, 4K."""
_CARDINAL = regex.compile(rf"(?P<sign>{SIGN}?)(?P<number>{NUMBER})")


def spoken(text: str, forms: Forms) -> str:
    """Numbers and symbols in words."""
    if numerals.can_spell(forms.language):
        text = (_LATIN_SEAM if forms.endings else _SEAM).sub(" ", text)
        text = _CARDINAL.sub(lambda match: _words(match, forms), text)
    if not forms.symbols:
        return text
    return str(_symbols(forms).sub(lambda match: f" {forms.symbols[match[0]]} ", text))


def _words(match: Any, forms: Forms) -> str:
    noun = _noun(forms).match(match.string, match.end())
    words = figures.read(match["number"], forms, forms.agreement(noun[1]) if noun else "")
    return f"{forms.minus} {words}" if match["sign"] else words


@cache
def _noun(forms: Forms) -> Any:
    return regex.compile(rf"\s(?!(?:{alternatives(forms.not_nouns) or '(?!)'})(?!\w))(\p{{L}}\w*)")


@cache
def _symbols(forms: Forms) -> Any:
    return regex.compile(alternatives(forms.symbols))
