"""Abbreviations, by what follows them: "No. 5" is a number, "No." alone is a refusal."""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from f2f.text.written_forms.figures import alternatives
from f2f.text.written_forms.forms import Forms

_NUMBER = regex.compile(r"\s?\d")
_NAME = regex.compile(r"\s\p{Lu}")
_AFTER_NAME = regex.compile(r"\p{Lu}[\p{L}\d'-]*\s$")
_TEXT_END = regex.compile(r"[\"')\]]*\s*$")
_SENTENCE_END = regex.compile(r"[\"')\]]*(?:\s*$|\s+[\"'(]?\p{Lu})")
"""A capital behind "etc." begins a sentence, behind "Dr." a name."""


def spoken(text: str, forms: Forms) -> str:
    """The words of every abbreviation of the language's table."""
    if not forms.abbreviations:
        return text
    return str(_pattern(forms).sub(lambda match: _words(match, forms), text))


def _words(match: Any, forms: Forms) -> str:
    short, text = match[0], match.string
    means = forms.abbreviations[short]
    behind, ahead = text[: match.start()], text[match.end() :]
    by_neighbour = (
        (means.before_number, _NUMBER.match(ahead)),
        (means.before_name, _NAME.match(ahead)),
        (means.after_name, _AFTER_NAME.search(behind)),
    )
    for words, fits in by_neighbour:
        if words and fits:
            break
    else:
        words, fits = means.otherwise, None
        if not words:
            return str(short)
    if words in (means.before_number, means.before_name) and fits:
        return words
    ends = _SENTENCE_END if short[0].islower() else _TEXT_END
    return words + ("." if short.endswith(".") and ends.match(ahead) else "")


@cache
def _pattern(forms: Forms) -> Any:
    end = r"(?:(?<=\.)(?![\p{L}\p{M}_])|(?!\w))"  # No.5
    return regex.compile(rf"(?<![\w.])(?:{alternatives(forms.abbreviations)}){end}")
