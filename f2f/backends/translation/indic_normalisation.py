"""One spelling for each letter of the Indian scripts, as IndicTrans2's training text has it.

The rules are those of indic-nlp-library 0.92 for text that is read by a model.  Most of them are
Unicode's own composition (NFC): vowel signs of two parts joined, letters with a dot taken apart.
"""

from __future__ import annotations

import unicodedata

import regex

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\ufffe\u2060\u00ad\u200c\u200d"))
_PUNCTUATION: dict[str, str | int | None] = {
    **dict.fromkeys("\u200b\u00a0", " "),
    **dict.fromkeys("„“”", '"'),
    **dict.fromkeys("´‘‚’", "'"),
    "–": "-",
    "—": " - ",
    "…": "...",
}
_JOINED = {
    "\u0d23\u0d4d\u200d": "\u0d7a", "\u0d28\u0d4d\u200d": "\u0d7b", "\u0d30\u0d4d\u200d": "\u0d7c",
    "\u0d32\u0d4d\u200d": "\u0d7d", "\u0d33\u0d4d\u200d": "\u0d7e", "\u0d15\u0d4d\u200d": "\u0d7f",
}  # fmt: skip
"""Malayalam's vowelless letters as they were typed before Unicode 5.1."""
_LETTERS = {
    # Devanagari: NFC would join these three, and knows no other form of the fourth
    "\u0929": "\u0928\u093c", "\u0931": "\u0930\u093c", "\u0934": "\u0933\u093c",
    "\u0972": "\u090f",
    "\u09f7": "\u0964", "\u0b7c": "\u0964", "\u0b35": "\u0b2c", "\u0d57": "\u0d4c",
    # Gurmukhi: vowels typed as a bearer and a sign
    "\u0a05\u0a3e": "\u0a06", "\u0a72\u0a3f": "\u0a07", "\u0a72\u0a40": "\u0a08",
    "\u0a73\u0a41": "\u0a09", "\u0a73\u0a42": "\u0a0a", "\u0a72\u0a47": "\u0a0f",
    "\u0a05\u0a48": "\u0a10", "\u0a73\u0a4b": "\u0a13", "\u0a05\u0a4c": "\u0a14",
}  # fmt: skip
_BLOCK_SIZE = 0x80
_DANDA, _DOUBLE_DANDA, _VISARGA = 0x64, 0x65, 0x03
_BARRED = frozenset({0x0900, 0x0980, 0x0A00})
"""Blocks of scripts whose full stop is typed as "|" as well."""

_PRESENTED = regex.compile(r"[\uFB50-\uFDFF\uFE70-\uFEFC]+")
_ARABIC = str.maketrans({"ك": "ک", "ه": "ہ", "ي": "ی", "ى": "ی", "ة": "ۃ", "ـ": None})
_DIACRITICS = regex.compile(r"[\u064b\u064d-\u0650\u0670]")
_FOREIGN = regex.compile(
    r"(?<=[\u0600-\u06FF])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[\u0600-\u06FF])(?<![0-9](?=ء))"
)
"""Between Urdu and other signs; a year keeps its hamza."""


def brahmic(text: str, block: int) -> str:
    """The text of a Brahmic script.

    Args:
        text: in any spelling.
        block: first code point of the script's block.
    """
    for typed, letter in _JOINED.items():
        text = text.replace(typed, letter)
    text = unicodedata.normalize("NFC", _plain(text.translate(_INVISIBLE)))
    for typed, letter in _LETTERS.items():
        text = text.replace(typed, letter)
    text = text.replace(chr(block + _DANDA), "\u0964").replace(chr(block + _DOUBLE_DANDA), "\u0965")
    if block in _BARRED:
        text = text.replace("|", "\u0964")
    own = f"[{chr(block)}-{chr(block + _BLOCK_SIZE - 1)}]"
    return str(regex.sub(f"(?<={own}):", chr(block + _VISARGA), text))


def perso_arabic(text: str) -> str:
    """Urdu, Kashmiri and Sindhi in Arabic letters: Urdu's own letters, without vowel marks."""
    text = _plain(text)
    text = _PRESENTED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = unicodedata.normalize("NFC", _DIACRITICS.sub("", text.translate(_ARABIC)))
    return str(_FOREIGN.sub(" ", text))


def _plain(text: str) -> str:
    return text.translate(str.maketrans(_PUNCTUATION)).replace("''", '"')
