"""Sentences for a translator out of segments, and translations back onto the segments.

Recognisers cut where a speaker breathes, translators want whole sentences.  Segments of one
speaker that run on are read as one text, cut into sentences, and each sentence's translation is
dealt back to the segments it came from, at the word boundaries nearest to their shares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from f2f.types import Segment

LONGEST_PAUSE = 1.5
"""Seconds between two segments above which a sentence does not run on."""
LONGEST_TEXT = 300
"""Letters; longer sentences are cut in parts: small translators repeat or drop clauses from 500."""

_END = re.compile(r"[.!?।॥۔؟…]+[\"'”’)\]]*(?=\s)|[。！？]")
_CLOSED = re.compile(r"[.!?।॥۔؟。！？…][\"'”’)\]]*\s*$")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sr|Sra|Dra|St|vs|etc|approx|No|Fig|e\.g|i\.e|p\. ?ej|p\. ?ex)"
    r"|\b[A-Z])\.$"
)
_CLAUSE = re.compile(r"[,;:—–][\"'”’)\]]*(?=\s)|[，、；：]")
_WORD_GAP = re.compile(r"\s+")
_PAUSE_MARK = re.compile(r"[,;:.!?।—–-][\"'”’)]*$")
_PAUSE_BONUS = 0.08
"""A cut after punctuation may lie this share of the text farther from its ideal place."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or a part of a very long one, and the segments that it comes from.

    `shares` are (segment id, letters of the sentence in that segment), in order.
    """

    text: str
    shares: tuple[tuple[int, int], ...]


def units(segments: Sequence[Segment]) -> tuple[Unit, ...]:
    """All sentences, in the order of the segments; segments without text give none."""
    return tuple(unit for run in _runs(segments) for unit in _sentences(run))


def deal(text: str, weights: Sequence[float]) -> list[str] | None:
    """Split `text` at word boundaries in proportion to `weights`; cuts like to follow commas.

    Returns:
        One non-empty part a weight, or None if the text has fewer words than that.
    """
    gaps = [(match.start(), match.end()) for match in _WORD_GAP.finditer(text)]
    if len(gaps) < len(weights) - 1:
        return None
    total = sum(weights)
    parts: list[str] = []
    begin = first = 0
    done = 0.0
    for position, weight in enumerate(weights[:-1]):
        done += weight
        ideal = len(text) * done / total
        later = len(weights) - position - 2  # cuts still to come after this one
        choices = range(first, len(gaps) - later)
        best = min(choices, key=lambda index: _cost(text, gaps[index][0], ideal))
        parts.append(text[begin : gaps[best][0]])
        begin, first = gaps[best][1], best + 1
    return [*parts, text[begin:]]


def split(text: str) -> list[str]:
    """A text's sentences; abbreviations and initials do not end one."""
    return [text[start:end].strip() for start, end in _spans(text)]


def _cost(text: str, place: int, ideal: float) -> float:
    distance = abs(place - ideal) / len(text)
    return distance - (_PAUSE_BONUS if _PAUSE_MARK.search(text[:place]) else 0.0)


def _runs(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Neighbours that one sentence may run through."""
    run: list[Segment] = []
    for segment in segments:
        if not segment.text.strip():
            continue
        if run and not _runs_on(run[-1], segment):
            yield run
            run = []
        run.append(segment)
    if run:
        yield run


def _runs_on(last: Segment, following: Segment) -> bool:
    return (
        last.speaker == following.speaker
        and following.span.start - last.span.end <= LONGEST_PAUSE
        and not _CLOSED.search(last.text)
    )


def _sentences(run: list[Segment]) -> Iterator[Unit]:
    texts = [" ".join(segment.text.split()) for segment in run]
    owners: list[int] = []  # the segment of every letter of the joined text
    for segment, text in zip(run, texts, strict=True):
        owners += [segment.id] * (len(text) + 1)
    joined = " ".join(texts)
    parts = (part for span in _spans(joined) for part in _parts(joined, owners, *span))
    for start, end in parts:
        counts: dict[int, int] = {}
        for owner in owners[start:end]:
            counts[owner] = counts.get(owner, 0) + 1
        yield Unit(joined[start:end].strip(), tuple(counts.items()))


def _parts(text: str, owners: Sequence[int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence halved until it is short enough, where that can be done between words."""
    cut = _cut(text, owners, start, end) if end - start > LONGEST_TEXT else None
    if cut is None:
        yield start, end
    else:
        yield from _parts(text, owners, start, cut)
        yield from _parts(text, owners, cut + (text[cut] == " "), end)


def _cut(text: str, owners: Sequence[int], start: int, end: int) -> int | None:
    """The end of a clause or segment in the middle half, else the word's end next to the middle."""
    middle, reach = (start + end) / 2, (end - start) / 4
    words = [gap.start() for gap in _WORD_GAP.finditer(text, start, end)]
    segments = [place for place in words if owners[place] != owners[place + 1]]
    clauses = [mark.end() for mark in _CLAUSE.finditer(text, start, end)]
    near = [place for place in (*segments, *clauses) if abs(place - middle) <= reach]
    return min(near or words, key=lambda place: abs(place - middle), default=None)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if not _ABBREVIATION.search(text[start : match.end()]):
            yield start, match.end()
            start = match.end() + (text[match.end() : match.end() + 1] == " ")
    if text[start:].strip():
        yield start, len(text)
