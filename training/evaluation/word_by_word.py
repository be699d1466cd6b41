"""The baseline under any translator: every English word replaced by one of the other language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy import sparse

from training.data.translation_text import DICTIONARY, Pair, cleaned, read_pairs

LEAST_SEEN = 2
"""Sentence pairs in which two words must be met together."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def lexicon(text: Path, language: str) -> tuple[dict[str, str], str]:
    """English words in lower case with one translation each, and where that is from.

    A dictionary where there is one (the first translation listed), else training sentences: the
    word that is met together with the English one most exclusively.
    """
    pairs = [pair for pair in map(cleaned, read_pairs(text, [language])) if pair]
    entries = [pair for pair in pairs if pair.source.startswith(DICTIONARY)]
    if entries:
        found: dict[str, str] = {}
        for pair in entries:
            found.setdefault(pair.english.lower(), pair.translation)
        return found, entries[0].source
    return associated(pairs), "co-occurrence in the training text"


def associated(pairs: Sequence[Pair]) -> dict[str, str]:
    """For each English word that with the highest Dice coefficient over sentence pairs."""
    english, names = _incidence(_WORD.findall(pair.english.lower()) for pair in pairs)
    other, words = _incidence(_indic_words(pair.translation) for pair in pairs)
    together = (english.T @ other).tocoo()
    often = together.data >= LEAST_SEEN
    rows, columns, counts = together.row[often], together.col[often], together.data[often]
    single = np.asarray(english.sum(axis=0)).ravel()[rows]
    single = single + np.asarray(other.sum(axis=0)).ravel()[columns]
    order = np.argsort(2 * counts / single, kind="stable")
    return {names[rows[place]]: words[columns[place]] for place in order}


def translated(text: str, words: Mapping[str, str]) -> str:
    """The text word by word; what the lexicon lacks stays English."""
    return _WORD.sub(lambda found: words.get(found[0].lower(), found[0]), text)


def _indic_words(text: str) -> list[str]:
    # vowel signs are no letters to `re`, so words are what lies between spaces
    return [word for part in text.split() if (word := part.strip(".,!?;:।۔،؟\"'()-"))]


def _incidence(rows: Iterable[list[str]]) -> tuple[sparse.csr_array, list[str]]:
    """Which row has which word, 0 or 1, and the words."""
    numbers: dict[str, int] = {}
    places = [
        (row, numbers.setdefault(word, len(numbers)))
        for row, words in enumerate(rows)
        for word in dict.fromkeys(words)  # in order, so that ties fall alike in every process
    ]
    at = np.array(places, np.int64).reshape(-1, 2).T
    return sparse.csr_array((np.ones(at.shape[1], np.int32), tuple(at))), list(numbers)
