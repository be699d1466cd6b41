"""The text form that IndicTrans2 was trained on (Gala et al. 2023, section 4).

The model sees `eng_Latn hin_Deva words …`: two tags, punctuation set apart by spaces, Western
digits, `< ID1 >` for what is not to be translated.  All Brahmic scripts are written in Devanagari,
letter by letter, on both sides, so its Tamil has to be written back into Tamil script.  English is
split and joined by Moses' rules (sacremoses), everything else by those of indic-nlp-library.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Any

import regex

from f2f.backends.translation import indic_normalisation
from f2f.backends.translation.indic_placeholders import Shielded, restore, shield

_BLOCKS = {
    "Deva": 0x0900, "Beng": 0x0980, "Guru": 0x0A00, "Gujr": 0x0A80, "Orya": 0x0B00,
    "Taml": 0x0B80, "Telu": 0x0C00, "Knda": 0x0C80, "Mlym": 0x0D00,
}  # fmt: skip
"""First code points of the Unicode blocks, which ISCII laid out alike."""
_COMMON = range(0x70)
"""Places of a block that all scripts use alike."""
_DANDAS = (0x0964, 0x0965)
_TAMIL = {
    **dict.fromkeys((0x16, 0x17, 0x18), 0x15),
    **dict.fromkeys((0x1B, 0x1D), 0x1A),
    **dict.fromkeys((0x20, 0x21, 0x22), 0x1F),
    **dict.fromkeys((0x25, 0x26, 0x27), 0x24),
    **dict.fromkeys((0x2B, 0x2C, 0x2D), 0x2A),
    0x36: 0x37,
}
"""Letters that Tamil writes with another of their row."""

_NBSP = "\N{NO-BREAK SPACE}"
_KEPT_DIGITS = "౦0123456789"
"""Telugu's zero is often typed where the round vowel sign is meant."""
_QUOTES = str.maketrans(
    {**dict.fromkeys("`´‘‚’", "'"), **dict.fromkeys("„“”«»", '"'), **dict.fromkeys("–—", "-")}
)
_TIDIED = (
    (r"\r", ""),
    (r"\(\s*", "("),
    (r"\s*\)", ")"),
    (r"\s([:;])\s?", r"\1"),
    (rf"{_NBSP}([%?!;])", r"\1"),
    (rf"nº{_NBSP}", "nº "),
    (rf"{_NBSP}ºC", " ºC"),
    (rf",{_NBSP}", ", "),
    (r" {2,}", " "),
    (r"\) ([.!:?;,])", r")\1"),
    (r"(\d) %", r"\1%"),
    (r'"([,.]+)', r'\1"'),
    (rf"(\d){_NBSP}(\d)", r"\1.\2"),
)
"""Spaces and quotation marks as typists differ in them, in this order."""
_ASCII = r"""!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~"""
_INDIC_SIGN = regex.compile(rf"([{_ASCII}।॥\uAAF0\uAAF1\uABEB-\uABEF\u1C7E\u1C7F])")
_ARABIC_SIGN = regex.compile(
    rf"([{_ASCII}\u0609\u060A\u060C\u061B\u061E\u061F\u066A-\u066D\u06D4])"
)
_SPACED_NUMBER = regex.compile(r"(?:[0-9]+ [,.:/] )+[0-9]+")
_TIGHT = (
    (regex.compile(r" ([-/\\]) "), r"\1"),
    (regex.compile(r" ([!%)\]},.:;>?।॥])"), r"\1"),
    (regex.compile(r"([#$(\[{<@]) "), r"\1"),
)


def prepare(text: str, source: str, target: str) -> Shielded:
    """The model's input for plain text, and what its placeholders stand for.

    Args:
        text: a sentence.
        source: FLORES tag of its language.
        target: FLORES tag of the wanted language.
    """
    shielded = shield(_western(_tidied(text)))
    words = _english(shielded.text) if source == "eng_Latn" else _indic(shielded.text, source)
    return Shielded(f"{source} {target} {words.strip()}", shielded.originals)


def finish(text: str, target: str, originals: tuple[str, ...] = ()) -> str:
    """Plain text in the target's own script from the model's output."""
    script = _script(target)
    if script == "Arab":
        text = regex.sub(" ([؟۔،])", r"\1", text).replace("ٮ۪", "ؠ")
    text = restore(text, originals)
    if target == "eng_Latn":
        return str(_detokeniser().detokenize(text.split(" ")))
    return _joined(_rescript(text, "Deva", script))


def _tidied(text: str) -> str:
    text = text.translate(_QUOTES)
    for pattern, replacement in _TIDIED:
        text = regex.sub(pattern, replacement, text)
    return text.strip()


def _western(text: str) -> str:
    return "".join(
        str(unicodedata.digit(sign)) if sign.isdecimal() and sign not in _KEPT_DIGITS else sign
        for sign in text
    )


@functools.cache
def _normaliser() -> Any:
    from sacremoses import MosesPunctNormalizer

    return MosesPunctNormalizer()


@functools.cache
def _tokeniser() -> Any:
    from sacremoses import MosesTokenizer

    return MosesTokenizer(lang="en")


@functools.cache
def _detokeniser() -> Any:
    from sacremoses import MosesDetokenizer

    return MosesDetokenizer(lang="en")


def _english(text: str) -> str:
    normal = _normaliser().normalize(text.strip())
    return " ".join(_tokeniser().tokenize(normal, escape=False))


def _indic(text: str, source: str) -> str:
    script = _script(source)
    if script not in _BLOCKS:
        plain = indic_normalisation.perso_arabic(text.strip())
        return _apart(plain, _ARABIC_SIGN)
    plain = indic_normalisation.brahmic(text.strip(), _BLOCKS[script])
    words = _SPACED_NUMBER.sub(_without_spaces, _apart(plain, _INDIC_SIGN))
    return _rescript(words, script, "Deva").replace(" ् ", "्")


def _apart(text: str, signs: Any) -> str:
    return " ".join(signs.sub(r" \1 ", text).split())


def _without_spaces(match: regex.Match[str]) -> str:
    return str(match[0].replace(" ", ""))


def _joined(text: str) -> str:
    """Indian-language words and signs as they are written: no spaces where none belong."""
    text = _SPACED_NUMBER.sub(_without_spaces, text)
    for pattern, replacement in _TIGHT:
        text = pattern.sub(replacement, text)
    for quote in "'\"`":
        first, *others = text.split(quote)
        parts = [first]
        for number, part in enumerate(others):
            if number % 2 == 0:
                parts.append(part.removeprefix(" "))
            else:
                parts[-1] = parts[-1].removesuffix(" ")
                parts.append(part)
        text = quote.join(parts)
    return text


def _script(tag: str) -> str:
    return tag.partition("_")[2]


def _rescript(text: str, source: str, target: str) -> str:
    """Letters of one Brahmic block at the same place of another; everything else as it is."""
    if source == target or source not in _BLOCKS or target not in _BLOCKS:
        return text
    return "".join(_letter(letter, _BLOCKS[source], target) for letter in text)


def _letter(letter: str, start: int, target: str) -> str:
    place = ord(letter) - start
    if place not in _COMMON or ord(letter) in _DANDAS:
        return letter
    moved = chr(_BLOCKS[target] + (_TAMIL.get(place, place) if target == "Taml" else place))
    # a letter that the target's script lacks stays as it is, visible to a reader
    return moved if unicodedata.category(moved) != "Cn" else letter
