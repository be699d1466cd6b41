"""Letters that a language's voice cannot read, and what is spoken in their place.

espeak-ng, which spells for most voices here, reads words of some scripts inside any language by
the rules of a language that is written so.  Letters of all others it calls by their names
("Chinese letter") or leaves out, unless they are the language's own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import regex
from anyascii import anyascii

_READ_BY_ALL = (
    "Latin Greek Hangul Georgian Devanagari Bengali Gurmukhi Gujarati Tamil Kannada Malayalam "
    "Sinhala Common Inherited"
)
_OWN = {
    "Arabic": "ar az bal fa ks ku pa ps sd skr ug ur",
    "Armenian": "hy",
    "Bopomofo": "zh",
    "Cherokee": "chr",
    "Cyrillic": "ab av az ba be bg bs ce cu cv kk kv ky mk mn os ru sr tg tk tt uk uz",
    "Ethiopic": "am ti",
    "Han": "ja ko yue zh",
    "Hebrew": "he yi",
    "Hiragana": "ja",
    "Katakana": "ja",
    "Khmer": "km",
    "Lao": "lo",
    "Meetei_Mayek": "mni",
    "Mongolian": "mn",
    "Myanmar": "my",
    "Ol_Chiki": "sat",
    "Oriya": "or",
    "Telugu": "te",
    "Thaana": "dv",
    "Thai": "th",
    "Tibetan": "bo dz",
}
"""Script → languages whose voices read it besides."""

_TO_DEVANAGARI = {0x0B00: "Oriya", 0x0C00: "Telugu"}
"""First code points of Indian scripts outside `_READ_BY_ALL`: the blocks are laid out alike."""
_DEVANAGARI, _BLOCK = 0x0900, 0x80
_SYLLABLE = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})")
_BEFORE_MARK = regex.compile(r"\s+([,.;:!?])")


def unreadable(text: str, language: str) -> tuple[str, ...]:
    """The words that the language's voice would spell out or leave out, in order."""
    return tuple(_foreign(language).findall(text))


def readable(text: str, language: str) -> str:
    """`text` with those words in letters that the voice reads: 北京 → Bei Jing."""
    written = _foreign(language).sub(lambda match: f" {_transliterated(match[0])} ", text)
    return text if written == text else str(_BEFORE_MARK.sub(r"\1", " ".join(written.split())))


def _transliterated(word: str) -> str:
    """Latin letters, or Devanagari ones for an Indian word, which keep its vowels."""
    start = ord(word[0]) // _BLOCK * _BLOCK
    if start in _TO_DEVANAGARI:
        return "".join(_moved(letter, start) for letter in word)
    return str(_SYLLABLE.sub(" ", anyascii(word)))


def _moved(letter: str, start: int) -> str:
    offset = ord(letter) - start
    return chr(_DEVANAGARI + offset) if 0 <= offset < _BLOCK else letter


@cache
def _foreign(language: str) -> Any:
    own = [script for script, languages in _OWN.items() if language in languages.split()]
    read = "".join(rf"\p{{Script={script}}}" for script in (*_READ_BY_ALL.split(), *own))
    return regex.compile(
        rf"[\p{{L}}--[{read}]][[\p{{L}}\p{{M}}ー々--[{read}]]\p{{M}}ー々]*", regex.V1
    )
