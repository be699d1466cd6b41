"""The text form that IndicTrans2 was trained on (Gala et al. 2023, section 4).

The model sees `eng_Latn hin_Deva words …`: two tags, punctuation set apart by spaces, Western
digits.  All Brahmic scripts are written in Devanagari, letter by letter, on both sides, so its
Tamil has to be written back into Tamil script.
"""

from __future__ import annotations

import re
import unicodedata

_BLOCKS = {
    "Deva": 0x0900, "Beng": 0x0980, "Guru": 0x0A00, "Gujr": 0x0A80, "Orya": 0x0B00,
    "Taml": 0x0B80, "Telu": 0x0C00, "Knda": 0x0C80, "Mlym": 0x0D00,
}  # fmt: skip
"""First code points of the Unicode blocks, which ISCII laid out alike."""
_BLOCK_SIZE = 0x80
_SHARED = range(0x0964, 0x0970)
"""Dandas and Devanagari digits, which are not letters of one script."""

_TAMIL_STOPS = {
    **dict.fromkeys((0x16, 0x17, 0x18), 0x15),
    0x1B: 0x1A,
    0x1D: 0x1C,
    **dict.fromkeys((0x20, 0x21, 0x22), 0x1F),
    **dict.fromkeys((0x25, 0x26, 0x27), 0x24),
    **dict.fromkeys((0x2B, 0x2C, 0x2D), 0x2A),
}
"""Offsets of stops that Tamil writes with the first letter of their row."""

_NO_SPACE_BEFORE = re.compile(r"\s+([.,;:!?%)\]}।॥۔،؟…])")
_NO_SPACE_AFTER = re.compile(r"([(\[{])\s+")
_CLITIC = re.compile(r"(\w)\s*'\s*(\w)")


def prepare(text: str, source: str, target: str) -> str:
    """The model's input for plain text; `source` and `target` are FLORES tags."""
    plain = unicodedata.normalize("NFC", text).replace("’", "'")
    plain = re.sub(r"\d", lambda match: str(unicodedata.digit(match[0])), plain)
    spaced = "".join(_apart(part) for part in re.split(r"(\d[\d.,:]*\d|\d)", plain))
    if source == "eng_Latn":
        spaced = _CLITIC.sub(r"\1 '\2", spaced)  # Moses: don't → don 't
    return f"{source} {target} {' '.join(_rescript(spaced, _script(source), 'Deva').split())}"


def finish(text: str, target: str) -> str:
    """Plain text in the target's own script from the model's output."""
    joined = _NO_SPACE_AFTER.sub(r"\1", _NO_SPACE_BEFORE.sub(r"\1", " ".join(text.split())))
    if target == "eng_Latn":
        joined = _CLITIC.sub(r"\1'\2", joined)
    written = _rescript(joined, "Deva", _script(target))
    if target == "asm_Beng":
        written = written.replace("র", "ৰ")
    return unicodedata.normalize("NFC", written)


def _apart(part: str) -> str:
    """Punctuation set apart by spaces; numbers and the marks of Indic letters stay whole."""
    if part[:1].isdigit():
        return part
    return "".join(
        f" {letter} " if unicodedata.category(letter)[0] in "PS" and letter not in "-'" else letter
        for letter in part
    )


def _script(tag: str) -> str:
    return tag.partition("_")[2]


def _rescript(text: str, source: str, target: str) -> str:
    """Letters of one Brahmic block at the same offset of another; everything else as it is."""
    if source == target or source not in _BLOCKS or target not in _BLOCKS:
        return text
    start, aim = _BLOCKS[source], _BLOCKS[target]
    written = []
    for letter in text:
        offset = ord(letter) - start
        if not 0 <= offset < _BLOCK_SIZE or ord(letter) in _SHARED:
            written.append(letter)
            continue
        if target == "Taml":
            offset = _TAMIL_STOPS.get(offset, offset)
        moved = chr(aim + offset)
        # a letter that the target's script lacks keeps its Devanagari form, visible to a reader
        written.append(moved if unicodedata.category(moved) != "Cn" else letter)
    return "".join(written)
