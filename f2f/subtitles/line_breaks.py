"""Where text may be broken that is written without spaces: Chinese, Japanese, Thai and others.

Phrases come from BudouX, whose small models know Chinese, Japanese and Thai.  The rules that every
printer follows hold above them (kinsoku): no line begins with a closing mark, a small kana or a
vowel that belongs to the letter before, and none ends with an opening mark; words of other scripts
and figures stay whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

import budoux

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3100-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff]"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, kana, bopomofo and Han, with their punctuation."""
_THAI, _KANA, _HAN = "[\u0e00-\u0e7f]", "[\u3040-\u30ff]", "[\u3400-\u9fff\U00020000-\U0003ffff]"
_NOT_FIRST = frozenset(
    "々〻ゝゞヽヾーぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ"
    "ฯะาำๅๆຯະາຳໆ"
    "、。，．・：；？！‥…—–~～〜!?,.:;%％‰℃°\"'”’་།"
)
_NOT_LAST = frozenset("เแโใไເແໂໃໄ\u17d2\u1039$＄¥￥£＃#@“‘¿¡")
"""Vowels written before their letter, signs that join the next one, opening marks."""
_CONSONANT = re.compile(
    "[\u0e01-\u0e2e][\u0e48-\u0e4c]?|[\u0e81-\u0eae\u0ebd][\u0ec8-\u0ecc]?"
    "|[\u1000-\u102a]\u103a?|[\u1780-\u17a2][\u17cb\u17cd]?"
)
"""Of Thai, Lao, Burmese and Khmer, with a tone or a sign that it is not pronounced."""
_LONGEST_SYLLABLE = 8
_CLOSING, _OPENING = ("Pe", "Pf"), ("Ps", "Pi")


def phrases(word: str, fits: int) -> list[str]:
    """Parts of `word`, in order, between which a line may end.

    Args:
        word: text without spaces.
        fits: letters; phrases that are longer are cut between letters.

    Returns:
        The word alone if its script has spaces between words.
    """
    if not _UNSPACED.search(word):
        return [word]
    parts = _joined(_guessed(word))
    return [piece for part in parts for piece in (_joined(part) if len(part) > fits else [part])]


def _guessed(word: str) -> Iterable[str]:
    """Phrases as a model sees them; single letters where none knows the script."""
    for script, language in ((_THAI, "th"), (_KANA, "ja"), (_HAN, "zh")):
        if re.search(script, word):
            return _parser(language).parse(word)
    return word


@cache
def _parser(language: str) -> budoux.Parser:
    if language == "th":
        return budoux.load_default_thai_parser()
    if language == "ja":
        return budoux.load_default_japanese_parser()
    return budoux.load_default_simplified_chinese_parser()


def _joined(parts: Iterable[str]) -> list[str]:
    """The parts, put together where no line may end between them."""
    found: list[str] = []
    for part in parts:
        if found and (not _may_part(found[-1][-1], part[0]) or _ends_syllable(found[-1], part)):
            found[-1] += part
        else:
            found.append(part)
    return found


def _may_part(last: str, first: str) -> bool:
    if first in _NOT_FIRST or last in _NOT_LAST:
        return False
    if unicodedata.category(first)[0] == "M" or unicodedata.category(first) in _CLOSING:
        return False
    if unicodedata.category(last) in _OPENING:
        return False
    return bool(_UNSPACED.match(last) or _UNSPACED.match(first))


def _ends_syllable(before: str, part: str) -> bool:
    """True for a consonant alone, which models and letters leave over, after a syllable."""
    return 1 < len(before) <= _LONGEST_SYLLABLE and _CONSONANT.fullmatch(part) is not None
