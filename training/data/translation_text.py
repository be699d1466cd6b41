"""Parallel text: read, made tidy, filtered, and kept apart from what it will be judged by.

A folder holds `LANGUAGE/SOURCE.tsv.xz`, a pair `english<TAB>translation` a line, and `eval/` with
files of the same form, of which no sentence may be trained on.
"""

from __future__ import annotations

import hashlib
import lzma
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from f2f.errors import InputError
from f2f.text.indic_scripts import western_digits

LANGUAGES = ("hi", "ta", "te", "bn", "mr", "gu", "kn", "ml", "pa", "ur")
EVALUATION = "eval"
DICTIONARY = "dictionary-"
"""How the names of sources begin that list words, not sentences."""

MOST_LATIN = 0.15
"""Part of a translation's letters: beyond it, words are left in English that have a translation."""
LEAST_WORDS = 5
"""A sentence out of a longer evaluation segment counts as its own from so many words on."""
HELD_OUT = 300
"""One English sentence of so many is kept for validation, in all of its languages."""

_SPACE_BEFORE = re.compile(r"\s+([.,;:!?%)\]।۔،؟])")
_REPEATED_STOP = re.compile(r",\.$")
_LATIN = re.compile(r"[a-zA-Z]")
_NO_LETTER = re.compile(r"[\W_]+")
_SENTENCE_END = re.compile(r"(?<=[.!?।۔؟])\s+")


@dataclass(frozen=True, slots=True)
class Pair:
    """An English sentence and its translation."""

    english: str
    translation: str
    language: str
    source: str

    @property
    def held_out(self) -> bool:
        """True for what is never trained on; a word of a dictionary always is."""
        if self.source.startswith(DICTIONARY):
            return False
        digest = hashlib.sha256(letters(self.english).encode()).digest()
        return int.from_bytes(digest[:4], "big") % HELD_OUT == 0


def read_table(path: Path) -> list[list[str]]:
    """The fields of every line of a `.tsv.xz` file.

    Raises:
        InputError: the file is missing or damaged, or a line has fewer than two fields.
    """
    try:
        lines = lzma.decompress(path.read_bytes()).decode("utf-8").splitlines()
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the text in {path}: {error}") from error
    rows = [line.split("\t") for line in lines if line]
    for number, row in enumerate(rows, 1):
        if len(row) < 2:
            raise InputError(f"{path.name}, line {number}: a tab between two sides is missing")
    return rows


def read_pairs(folder: Path, languages: Sequence[str] = LANGUAGES) -> Iterator[Pair]:
    """All pairs of a folder as they are, language by language.

    Raises:
        InputError: there is none, or a file is damaged.
    """
    files = [path for one in languages for path in sorted((folder / one).glob("*.tsv.xz"))]
    if not files:
        raise InputError(f"{folder} holds no LANGUAGE/SOURCE.tsv.xz of {', '.join(languages)}")
    for path in files:
        source = path.name.removesuffix(".tsv.xz")
        for english, translation, *_ in read_table(path):
            yield Pair(english, translation, path.parent.name, source)


def cleaned(pair: Pair) -> Pair | None:
    """The pair in tidy form; None if it would teach something wrong."""
    english, translation = tidy(pair.english), western_digits(tidy(pair.translation))
    found, latin = len(letters(translation)), len(_LATIN.findall(translation))
    if not english or not found or latin > MOST_LATIN * found:
        return None
    return replace(pair, english=english, translation=translation)


def tidy(text: str) -> str:
    """NFC, single spaces, and none before closing punctuation."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    return _REPEATED_STOP.sub(".", _SPACE_BEFORE.sub(r"\1", spaced))


def letters(text: str) -> str:
    """What two writings of one sentence have in common: its letters and digits in lower case."""
    return _NO_LETTER.sub("", text.lower())


def sentences(text: str) -> list[str]:
    """A segment's sentences, by their closing punctuation."""
    return _SENTENCE_END.split(text)


class Judged:
    """All sentences of a folder's evaluation files, for finding them among training pairs."""

    def __init__(self, folder: Path) -> None:
        self._known = {key for path in sorted(folder.glob("*.tsv.xz")) for key in _keys(path)}
        if not self._known:
            raise InputError(f"{folder} holds no evaluation text (*.tsv.xz)")

    def __contains__(self, pair: Pair) -> bool:
        """True if a side of the pair, or one of its longer sentences, is judged by."""
        return any(key in self._known for key in _sides((pair.english, pair.translation)))


def _keys(path: Path) -> Iterator[str]:
    for row in read_table(path):
        yield from _sides(row[:2])


def _sides(texts: Iterable[str]) -> Iterator[str]:
    for text in map(western_digits, texts):
        parts = [text, *(part for part in sentences(text) if len(part.split()) >= LEAST_WORDS)]
        yield from filter(None, map(letters, parts))
