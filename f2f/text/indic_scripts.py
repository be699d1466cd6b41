"""Brahmic scripts written in one another's letters.

Unicode laid their blocks out alike, after ISCII: a letter has the same place in each. Written in
Devanagari, nine languages share their subwords, as in IndicTrans2 (Gala et al. 2023, section 4).
What lies outside the common part of a block (Gurmukhi's addak, Malayalam's chillus) stays as it is,
so a text comes back the same.
"""

from __future__ import annotations

import re
import unicodedata

_DIGIT = re.compile(r"(?![0-9])\d")
BLOCKS = {
    "bn": 0x0980, "gu": 0x0A80, "hi": 0x0900, "kn": 0x0C80, "ml": 0x0D00, "mr": 0x0900,
    "pa": 0x0A00, "ta": 0x0B80, "te": 0x0C00,
}  # fmt: skip
"""First code point of each language's script. Urdu is written in Arabic letters and has none."""
DEVANAGARI = 0x0900
_COMMON = range(0x70)
"""Places of a block that all scripts use alike."""
_DANDAS = (0x0964, 0x0965)
"""One full stop for all of them; nobody's letter."""
_NEAREST = {
    **dict.fromkeys((0x16, 0x17, 0x18), 0x15),
    0x1B: 0x1A,
    0x1D: 0x1C,
    **dict.fromkeys((0x20, 0x21, 0x22), 0x1F),
    **dict.fromkeys((0x25, 0x26, 0x27), 0x24),
    0x29: 0x28,
    **dict.fromkeys((0x2B, 0x2C, 0x2D), 0x2A),
    0x31: 0x30,
    0x34: 0x33,
}
"""What stands for a letter that a script lacks: Tamil writes a row of stops with its first, the
northern scripts have no hard r and l."""


def to_devanagari(text: str, language: str) -> str:
    """The text in Devanagari letters; that of a language without a Brahmic script unchanged."""
    return _moved(text, BLOCKS.get(language, DEVANAGARI), DEVANAGARI)


def from_devanagari(text: str, language: str) -> str:
    """The text in the language's own letters, from `to_devanagari` or from a model."""
    return _moved(text, DEVANAGARI, BLOCKS.get(language, DEVANAGARI))


def western_digits(text: str) -> str:
    """The text with digits of any script written 0 to 9."""
    return _DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), text)


def _moved(text: str, start: int, aim: int) -> str:
    if start == aim:
        return text
    return "".join(_letter(letter, start, aim) for letter in text)


def _letter(letter: str, start: int, aim: int) -> str:
    place = ord(letter) - start
    if place not in _COMMON or ord(letter) in _DANDAS:
        return letter
    for near in (place, _NEAREST.get(place, place)):
        moved = chr(aim + near)
        if unicodedata.category(moved) != "Cn":
            return moved
    return letter
