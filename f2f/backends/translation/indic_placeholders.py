"""Addresses and numbers that IndicTrans2 does not translate: it sees `<ID1>` in their place.

Which they are, and in which order they are numbered, is what its training text was made with
(Gala et al. 2023, section 4; IndicTransToolkit 1.1.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

_MAIL = regex.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Z|a-z]{2,}")
_ADDRESS = regex.compile(
    r"""
    \b (?<![\w/.]) (?:(?:https?|ftp)://)?
    (?:[\w-]+\.)+ (?!\.)
    [\w/\-?\#&=%.]+ (?!\.\w+) \b
    """,
    regex.VERBOSE,
)
_NUMBER = regex.compile(
    r"""
    ~?\d+\.?\d*\s?%?\s?-?\s?~?\d+\.?\d*\s?%     # 91.6%, 5-10 %
    | ~?\d+%
    | \d+[-/.,:']\d+[-/.,:'+]\d+(?:\.\d+)?      # 12/05/2024
    | \d+[-/.:'+]\d+(?:\.\d+)?                  # 2019-2020
    """,
    regex.VERBOSE,
)
_LABEL = regex.compile(r"[A-Za-z0-9]*[#|@]\w+")
_KINDS = ((_MAIL, ""), (_ADDRESS, "."), (_NUMBER, " .:"), (_LABEL, ""))
"""What is shielded, in order, and which of its signs do not count for its length."""
_LEAST = 4
"""Signs of the shortest address or number that is shielded."""

_SPELLED = (
    *("आईडी", "आयडी", "आइडि", "ऐटि", "ऐडि", "ꯑꯥꯏꯗꯤ", "ᱟᱭᱰᱤ", "ᱟᱭᱰᱤ ᱾", "آی ڈی", "آئی ڈی"),
    *("आई . डी .", "आई. डी.", "आय . डी .", "आय. डी.", "आइ . डी .", "आइ. डी."),
)
"""How the model writes ID where it should have copied it; brackets may then be lost."""
_SHOWN = regex.compile(
    rf"[<\[]\s*(?:ID|id|{'|'.join(map(regex.escape, _SPELLED))})\s*(?P<number>\d+)\s*[>\]]"
    rf"|(?:{'|'.join(map(regex.escape, _SPELLED))})\s*(?P<number>\d+)"
)


@dataclass(frozen=True, slots=True)
class Shielded:
    """A text, and what stood where its `<ID1>`, `<ID2>` … are."""

    text: str
    originals: tuple[str, ...] = ()


def shield(text: str) -> Shielded:
    """Addresses and numbers with separators replaced; digits are 0 to 9 already."""
    originals: list[str] = []
    for pattern, uncounted in _KINDS:
        for found in dict.fromkeys(match[0] for match in pattern.finditer(text)):
            counted = found.translate(dict.fromkeys(map(ord, uncounted)))
            if uncounted and len(counted) < _LEAST:
                continue
            originals.append(found)
            text = text.replace(found, f"<ID{len(originals)}>")
    spaced = regex.sub(r"\s+", " ", text)
    return Shielded(spaced.replace(">/", ">").replace("]/", "]"), tuple(originals))


def restore(text: str, originals: tuple[str, ...]) -> str:
    """The originals in their places; a number that was never given out stays as it is."""

    def original(match: regex.Match[str]) -> str:
        number = int(match["number"])
        return originals[number - 1] if 1 <= number <= len(originals) else match[0]

    return str(_SHOWN.sub(original, text))
