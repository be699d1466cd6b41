"""Numbers and units of a sentence, and whether a translation still has them.

A figure counts as kept if its digits appear, in any digits and with any separators, if it is
spelt out, or if a time of day moved between the 12 and the 24 hour clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from f2f.text import normalisation, numerals
from f2f.text.error_rate import plain
from f2f.text.glossary import Must

_UNITS = r"km/h|km|cm|mm|kg|mg|ml|GHz|MHz|kHz|Hz|TB|GB|MB|kB|KB|ms|°C|°F|%"
_FIGURE = re.compile(rf"(?<![\w.,])(?P<number>\d+(?:[.,]\d+)*)(?:\s?(?P<unit>{_UNITS}))?(?![\w])")
_AFTERNOON = re.compile(r"^\s?(?:p\.?m\b)", re.IGNORECASE)
_LARGEST_SPELT = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit ("" if none) at letters `start` to `end`."""

    start: int
    end: int
    number: str
    unit: str
    afternoon: bool


def figures(text: str) -> Iterator[Figure]:
    """Numbers that stand alone: not ordinals (3rd) nor parts of names (4K, Wav2Lip)."""
    for match in _FIGURE.finditer(text):
        afternoon = _AFTERNOON.match(text[match.end() :]) is not None
        unit = match["unit"] or ""
        yield Figure(match.start(), match.end(), match["number"], unit, afternoon)


def lost(source: str, translation: str, source_language: str, language: str) -> tuple[Must, ...]:
    """Figures of `source` that `translation` lacks, and how they should appear there."""
    shown = {_digits(match[0]) for match in re.finditer(r"\d[\d.,]*", translation)}
    words = plain(translation)
    return tuple(
        Must(figure.start, figure.end, _written(figure, source_language, language))
        for figure in figures(source)
        if not (_number_kept(figure, shown, words, language) and _unit_kept(figure, translation))
    )


def _number_kept(figure: Figure, shown: set[str], words: str, language: str) -> bool:
    digits = _digits(figure.number)
    if digits in shown:
        return True
    if not figure.number.isdigit() or int(digits) > _LARGEST_SPELT:
        return False
    value = int(digits)
    if figure.afternoon and str(value % 12 + 12) in {part[:2] for part in shown}:
        return True
    if not numerals.can_spell(language):
        return False
    names = {plain(numerals.spell(value, language, form)) for form in numerals.AGREEMENTS}
    return any(re.search(rf"\b{re.escape(spelt)}", words) for spelt in names)


def _unit_kept(figure: Figure, translation: str) -> bool:
    if not figure.unit or figure.unit.casefold() in translation.casefold():
        return True
    return any(form in translation for form in normalisation.unit_words(figure.unit))


def _written(figure: Figure, source: str, target: str) -> str:
    """The figure as the target language writes it: 3.5 km → 3,5 km."""
    number = figure.number
    if numerals.decimal_mark(source) != numerals.decimal_mark(target):
        number = number.translate(str.maketrans(",.", ".,"))
    return f"{number} {figure.unit}".strip() if figure.unit != "%" else f"{number}%"


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(letter)) for letter in text if letter.isdigit())
