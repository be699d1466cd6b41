"""Names and terms that a recogniser is told of, taken over only where they were heard.

Told of terms, Whisper spells them right, but may also leave out a clause, or write the terms where
nobody says them.  So the sound is heard twice, and of the hearing with terms only those passages
count that differ by one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise

from f2f.text.error_rate import plain
from f2f.types import Segment, Span, Transcript, Word

NEAR = 2
"""Equal words between two differences that are one passage."""
LONGER = 2
"""A passage may have this many times as many words as the other, and one more."""

Passage = tuple[range, range]
"""Words of the first and of the second hearing that stand for the same sound."""


def prompt(terms: Sequence[str]) -> str | None:
    """What is put before the sound: short sentences, because a list would be gone on with."""
    return " ".join(f"{term}." for term in terms) or None


def taken_over(heard: Transcript, prompted: Transcript, terms: Sequence[str]) -> Transcript:
    """`heard` with the passages of `told` that differ by a term.

    Args:
        heard: without the terms; its segments stay.
        told: the same sound, heard with them.
        terms: as they are written.
    """
    segments = [list(segment.words) for segment in heard.segments]
    owners = [(number, at) for number, words in enumerate(segments) for at in range(len(words))]
    old = [segments[number][at] for number, at in owners]
    new = [word for segment in prompted.segments for word in segment.words]
    for before, after in reversed(list(_passages(old, new))):
        if not _is_better([old[at] for at in before], [new[at] for at in after], terms):
            continue
        number, at = owners[before.start]
        for owner, place in reversed([owners[index] for index in before]):
            del segments[owner][place]
        segments[number][at:at] = [new[index] for index in after]
    made = (
        _with_words(segment, words) for segment, words in zip(heard.segments, segments, strict=True)
    )
    return replace(heard, segments=tuple(segment for segment in made if segment.words))


def echoes(terms: Sequence[str], text: str) -> bool:
    """True if a text goes through the terms as they were given, or through one again and again."""
    given, words = [plain(term) for term in terms], f" {plain(text)} "
    listed = [f" {term} {following} " for term, following in pairwise(given)]
    repeated = [f" {term} {term} " for term in given]
    return any(run in words for run in (*listed, *repeated))


def _passages(old: Sequence[Word], new: Sequence[Word]) -> Iterator[Passage]:
    """Where both differ; neighbouring differences are one."""
    matcher = SequenceMatcher(
        None, [plain(word.text) for word in old], [plain(word.text) for word in new], autojunk=False
    )
    open_passage: Passage | None = None
    for kind, *ends in matcher.get_opcodes():
        before, after = range(ends[0], ends[1]), range(ends[2], ends[3])
        if kind == "equal":
            if open_passage and len(before) > NEAR:
                yield open_passage
                open_passage = None
        elif open_passage:
            first, second = open_passage
            open_passage = range(first.start, before.stop), range(second.start, after.stop)
        else:
            open_passage = before, after
    if open_passage:
        yield open_passage


def _is_better(old: Sequence[Word], new: Sequence[Word], terms: Sequence[str]) -> bool:
    before, after = (" ".join(word.text for word in words) for words in (old, new))
    gained = (_words(after) - _words(before)) & _words(" ".join(terms))
    alike = len(new) <= LONGER * len(old) + 1 and len(old) <= LONGER * len(new) + 1
    return bool(old) and bool(gained) and alike and not echoes(terms, after)


def _words(text: str) -> set[str]:
    return set(plain(text).split())


def _with_words(segment: Segment, words: Sequence[Word]) -> Segment:
    if not words or tuple(words) == segment.words:
        return replace(segment, words=tuple(words))
    span = Span(words[0].span.start, words[-1].span.end)
    text = "".join(word.text for word in words).strip()
    return replace(segment, span=span, text=text, words=tuple(words))
