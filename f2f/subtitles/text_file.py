"""Bytes of a subtitle file to text."""

from __future__ import annotations

import codecs
from pathlib import Path

from f2f.errors import InputError

LARGEST_BYTES = 32 << 20
"""A day of subtitles is about 2 MB; anything far above is not a transcript."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte-order marks; UTF-32's begins with UTF-16's."""


def read(path: Path) -> str:
    r"""The text of a UTF-8, UTF-16 or UTF-32 file, its lines ended by "\n".

    An older encoding is refused: what it is cannot be known, and a wrong guess is spoken.

    Raises:
        InputError: the file cannot be read, is too large or not such text.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{path.name} is too large to be a transcript")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the transcript {path}: {error.strerror or error}") from error
    try:
        text = data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name} is not UTF-8 text; save it as UTF-8 and try again"
        ) from error
    if "\0" in text:
        raise InputError(f"{path.name} is not a text file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(data: bytes) -> str:
    """By the mark, else by where the zeros of ASCII characters are: every cue has such."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    zeros = data[1::2].count(0), data[::2].count(0)
    few, many = min(zeros), max(zeros)
    if len(data) % 2 or many < len(data) / 8 or few > many / 8:
        return "utf-8"
    return "utf-16-le" if zeros[0] > zeros[1] else "utf-16-be"
