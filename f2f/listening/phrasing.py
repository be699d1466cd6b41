"""Words into segments fit for dubbing.

A segment should be a sentence or a few short ones of one speaker, long enough to be translated in
context and short enough to stay in step with the picture.  Long pauses and changes of speaker
always cut; among the other places the cheapest set of cuts is found by dynamic programming.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from f2f.types import Segment, Span, Word

LONGEST = 12.0
"""Seconds; longer segments cost more the longer they are."""
SHORTEST = 1.2
"""Seconds; shorter ones are joined to a neighbour unless something forbids it."""
LONG_PAUSE = 1.0
"""Seconds; the dub must be silent here too."""
UTTERANCE_PAUSE = 0.3
"""Seconds; a change of speaker is looked for at pauses from here on."""
MOST_WORDS = 120
"""Words a segment; bounds the search."""

SENTENCE_ENDS = tuple(".!?…。！？।॥؟۔။።")
CLAUSE_ENDS = tuple(",;:—–，、；：،؛")
CLOSING = "\"'”’»）)]】」』"
ABBREVIATIONS = frozenset(
    ["mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "vs.", "e.g.", "i.e.", "sr.", "sra."]
)

IN_CLAUSE = 2.0
AFTER_CLAUSE = 0.7
AFTER_SENTENCE = 0.0
PAUSE_BONUS = 1.0
"""Cost of a cut inside a clause, after one, after a sentence; less this much a second of pause."""
SENTENCE_INSIDE = 0.8
"""What every sentence end costs that is not cut at."""
TOO_SHORT = 1.5
TOO_LONG = 3.0


def utterances(words: Iterable[Word]) -> tuple[Segment, ...]:
    """Words cut at sentence ends and pauses: what one speaker says at once, speaker unset."""
    groups: list[list[Word]] = []
    for word in words:
        if groups and not _ends(groups[-1][-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    return tuple(_segment(number, group, "") for number, group in enumerate(groups))


def phrases(labelled: Sequence[Segment]) -> tuple[Segment, ...]:
    """Utterances with their speakers joined and split into segments, numbered from 0.

    Words come out without the spaces around them, texts as they are written.
    """
    found = [
        (words[start:end], speaker)
        for speaker, words in _runs(labelled)
        for start, end in pairwise([0, *_cuts(words)])
    ]
    segments = (_segment(number, *group) for number, group in enumerate(found))
    return tuple(replace(segment, words=_stripped(segment.words)) for segment in segments)


def _ends(last: Word, following: Word) -> bool:
    return _ends_sentence(last) or following.span.start - last.span.end >= UTTERANCE_PAUSE


def _runs(labelled: Sequence[Segment]) -> Iterator[tuple[str, tuple[Word, ...]]]:
    """What one speaker says without a long pause."""
    run: list[Word] = []
    speaker = ""
    for segment in labelled:
        for word in segment.words:
            apart = bool(run) and word.span.start - run[-1].span.end >= LONG_PAUSE
            if run and (apart or segment.speaker != speaker):
                yield speaker, tuple(run)
                run = []
            run.append(word)
            speaker = segment.speaker
    if run:
        yield speaker, tuple(run)


def _cuts(words: Sequence[Word]) -> list[int]:
    """The cheapest ends of segments, as indices into `words`, the last one included."""
    cut = [_cut_cost(word, following) for word, following in pairwise(words)] + [0.0]
    sentence = [_ends_sentence(word) for word in words]
    best = [0.0] + [float("inf")] * len(words)
    origin = [0] * (len(words) + 1)
    for end in range(1, len(words) + 1):
        inside = 0
        for start in range(end - 1, max(-1, end - 1 - MOST_WORDS), -1):
            if start < end - 1:
                inside += sentence[start]
            seconds = words[end - 1].span.end - words[start].span.start
            cost = best[start] + cut[end - 1] + SENTENCE_INSIDE * inside + _length_cost(seconds)
            if cost < best[end]:
                best[end], origin[end] = cost, start
    ends = [len(words)]
    while origin[ends[-1]] > 0:
        ends.append(origin[ends[-1]])
    return ends[::-1]


def _cut_cost(word: Word, following: Word) -> float:
    pause = max(0.0, following.span.start - word.span.end)
    text = word.text.rstrip().rstrip(CLOSING)
    place = IN_CLAUSE
    if _ends_sentence(word):
        place = AFTER_SENTENCE
    elif text.endswith(CLAUSE_ENDS):
        place = AFTER_CLAUSE
    return place - PAUSE_BONUS * min(pause, LONG_PAUSE)


def _length_cost(seconds: float) -> float:
    if seconds < SHORTEST:
        return TOO_SHORT * (1.0 - seconds / SHORTEST)
    if seconds > LONGEST:
        return TOO_LONG * (1.0 + 4.0 * (seconds / LONGEST - 1.0))
    return 0.0


def _ends_sentence(word: Word) -> bool:
    text = word.text.strip().rstrip(CLOSING)
    return text.endswith(SENTENCE_ENDS) and text.lower() not in ABBREVIATIONS


def _stripped(words: Iterable[Word]) -> tuple[Word, ...]:
    return tuple(replace(word, text=word.text.strip()) for word in words)


def _segment(number: int, words: Sequence[Word], speaker: str) -> Segment:
    span = Span(words[0].span.start, words[-1].span.end)
    text = "".join(word.text for word in words).strip()
    return Segment(number, span, speaker, text, tuple(words))
