"""Character and word error rate: the one implementation that checks, tests and benchmarks use.

Both are edit distance over the reference's length (Levenshtein, all costs 1, by rapidfuzz), after
case, punctuation, invisible joiners and spacing are made equal.  1.0 means as many errors as
letters; the rate may exceed it.  (jiwer is a shell around the same rapidfuzz.)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Levenshtein


def plain(text: str) -> str:
    """Text as it is compared: NFKC, folded case, letters, marks and digits, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(_kept(letter) for letter in folded)
    return " ".join(kept.split())


def edit_distance(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Fewest insertions, deletions and replacements that turn one sequence into the other."""
    return Levenshtein.distance(reference, hypothesis)


def cer(reference: str, hypothesis: str) -> float:
    """Character error rate of one text; 0 if both are empty."""
    return corpus_cer([(reference, hypothesis)])


def wer(reference: str, hypothesis: str) -> float:
    """Word error rate of one text; 0 if both are empty."""
    return corpus_wer([(reference, hypothesis)])


def corpus_cer(pairs: Iterable[tuple[str, str]]) -> float:
    """All errors over all characters of (reference, hypothesis) pairs."""
    return _rate((plain(one), plain(other)) for one, other in pairs)


def corpus_wer(pairs: Iterable[tuple[str, str]]) -> float:
    """All errors over all words of (reference, hypothesis) pairs."""
    return _rate((plain(one).split(), plain(other).split()) for one, other in pairs)


def _rate(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> float:
    errors = length = 0
    for reference, hypothesis in pairs:
        errors += edit_distance(reference, hypothesis)
        length += len(reference)
    if length == 0:
        return 0.0 if errors == 0 else 1.0
    return errors / length


def _kept(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cf" or letter in "'’":
        return ""  # joiners and apostrophes vanish: "don't" is one word
    return letter if category[0] in "LMN" else " "
