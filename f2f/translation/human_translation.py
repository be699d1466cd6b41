"""A human translator's file laid over what was heard.

Ids join if the file has the same ones; otherwise times do.  A cue over several segments is dealt
to them, several cues of one segment are joined, and a cue where nothing was heard becomes a
segment of its own: no word of the translator is lost.

Who speaks is what a person says who does: the translator's names replace those that the diariser
made up, and one speaker's; a segment in which he names several is cut between them.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path

from f2f import subtitles
from f2f.errors import InputError
from f2f.text import sentences
from f2f.types import Segment, Span, Speaker, Transcript

log = logging.getLogger(__name__)

_ENOUGH = 0.4
"""Share of the shorter of cue and segment that must overlap for them to belong together."""
_SHORTEST = 0.1
"""Seconds of a segment's part that a speaker has; else the parts go by their letters."""
_AUTOMATIC = re.compile(r"(?:S|SPEAKER[_ ]?)\d+", re.IGNORECASE)
"""Names that diarisers give."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one cue gives to a segment, and to whom the translator gives it ("" for nobody)."""

    start: float
    speaker: str
    text: str


def read(path: Path, heard: Transcript, language: str, *, end: float | None = None) -> Transcript:
    """The file's texts on the segments of `heard`.

    Args:
        path: a translator's subtitles or JSON (see `subtitles.read`).
        heard: what was said in the source.
        language: of the file, ISO 639-1.
        end: seconds that the video lasts; None for a still.

    Raises:
        InputError: the file cannot be read, is in another language, has a line beyond `end`, or
            shares no time with what was heard.
    """
    written = subtitles.in_sentence_case(subtitles.read(path, language, end=end))
    return match(heard, written, path.name)


def match(heard: Transcript, written: Transcript, name: str = "the translation") -> Transcript:
    """Texts and speakers of `written` on the segments of `heard`; see the module's text."""
    if _same_ids(heard, written):
        parts = {cue.id: [_part(cue, cue.text)] for cue in written.segments}
        alone: list[Segment] = []
    else:
        parts, alone = _by_time(heard.segments, written.segments)
    if not parts and heard.segments:
        raise InputError(f"{name} has no line at a time when something is said")
    silent = [segment for segment in heard.segments if segment.id not in parts]
    if silent:
        times = ", ".join(f"{segment.span.start:.1f} s" for segment in silent[:5])
        log.warning("%s has nothing for %d segments (at %s)", name, len(silent), times)
    if not _names_win(heard):
        parts = {owner: [replace(one, speaker="") for one in own] for owner, own in parts.items()}
        alone = [replace(cue, speaker="") for cue in alone]
    names = _usual_names(heard.segments, parts)
    spoken: list[Segment] = []
    renamed: set[tuple[str, str]] = set()
    for segment in heard.segments:
        following = _following_id(heard.segments, spoken)
        made = list(_dealt(segment, parts.get(segment.id, []), names, following))
        renamed |= {(segment.speaker, one.speaker) for one in made}
        spoken += made
    spoken += _new(alone, spoken, _following_id(heard.segments, spoken))
    spoken.sort(key=lambda segment: segment.span.start)
    speaking = dict.fromkeys(segment.speaker for segment in spoken)
    speakers = tuple(_speaker(name, heard.speakers, renamed) for name in speaking)
    return Transcript(written.language, tuple(spoken), speakers)


def _names_win(heard: Transcript) -> bool:
    """True unless a person has told the heard speakers apart."""
    names = {segment.speaker for segment in heard.segments}
    return len(names) < 2 or all(_AUTOMATIC.fullmatch(name) for name in names)


def _same_ids(heard: Transcript, written: Transcript) -> bool:
    """True if the file numbers its lines as `heard` does, at overlapping times."""
    spans = {segment.id: segment.span for segment in heard.segments}
    return len(written.segments) == len(spans) and all(
        cue.id in spans and cue.span.overlap(spans[cue.id]) > 0 for cue in written.segments
    )


def _part(cue: Segment, text: str) -> _Part:
    return _Part(cue.span.start, cue.speaker, text)


def _by_time(
    segments: Sequence[Segment], cues: Sequence[Segment]
) -> tuple[dict[int, list[_Part]], list[Segment]]:
    parts: dict[int, list[_Part]] = {}
    alone: list[Segment] = []
    for cue in cues:
        owners = _owners(cue, segments)
        if not owners:
            alone.append(cue)
            continue
        shares = [owner.span.overlap(cue.span) for owner in owners]
        dealt = sentences.deal(cue.text, shares)
        if dealt is None:
            owners, dealt = [owners[shares.index(max(shares))]], [cue.text]
        for owner, text in zip(owners, dealt, strict=True):
            parts.setdefault(owner.id, []).append(_part(cue, text))
    return parts, alone


def _owners(cue: Segment, segments: Sequence[Segment]) -> list[Segment]:
    """Segments that the cue translates: all well overlapped ones, else the best overlapped."""
    overlaps = [(segment.span.overlap(cue.span), segment) for segment in segments]
    overlaps = [(overlap, segment) for overlap, segment in overlaps if overlap > 0]
    enough = [
        segment
        for overlap, segment in overlaps
        if overlap >= _ENOUGH * min(segment.span.duration, cue.span.duration)
    ]
    if enough or not overlaps:
        return enough
    return [max(overlaps, key=lambda pair: pair[0])[1]]


def _usual_names(segments: Sequence[Segment], parts: Mapping[int, list[_Part]]) -> dict[str, str]:
    """Heard speaker → what the translator mostly calls him, for lines that he names nobody for."""
    counts: dict[str, Counter[str]] = {}
    for segment in segments:
        for part in parts.get(segment.id, []):
            if part.speaker:
                counts.setdefault(segment.speaker, Counter())[part.speaker] += 1
    return {heard: names.most_common(1)[0][0] for heard, names in counts.items()}


def _dealt(
    segment: Segment, parts: Sequence[_Part], names: Mapping[str, str], following: int
) -> Iterator[Segment]:
    """The segment with its text, cut where the translator names another speaker."""
    turns: list[list[_Part]] = []
    for part in parts:
        if turns and part.speaker in ("", turns[-1][0].speaker):
            turns[-1].append(part)
        else:
            turns.append([part])
    spans = _cut(segment.span, turns)
    for number, (turn, span) in enumerate(zip(turns, spans, strict=True)):
        yield replace(
            segment,
            id=segment.id if number == 0 else following + number - 1,
            span=span,
            speaker=turn[0].speaker or names.get(segment.speaker, segment.speaker),
            text=" ".join(part.text for part in turn),
            words=(),
        )


def _cut(span: Span, turns: Sequence[Sequence[_Part]]) -> list[Span]:
    """A segment's time for the turns in it: from cue to cue, else by their letters."""
    bounds = [span.start, *(turn[0].start for turn in turns[1:]), span.end]
    spans = [Span(start, end) for start, end in pairwise(bounds)]
    if not turns or all(one.duration >= _SHORTEST for one in spans):
        return spans[: len(turns)]
    letters = list(accumulate(sum(len(part.text) for part in turn) for turn in turns))
    ends = [span.start + span.duration * count / letters[-1] for count in letters[:-1]]
    return [Span(start, end) for start, end in pairwise([span.start, *ends, span.end])]


def _following_id(*known: Sequence[Segment]) -> int:
    return max((segment.id for segments in known for segment in segments), default=-1) + 1


def _new(alone: Sequence[Segment], spoken: Sequence[Segment], following: int) -> list[Segment]:
    """Segments of their own for cues where nothing was heard: by whom the cue names, else by
    whoever is nearest."""
    made = []
    for number, cue in enumerate(alone):
        nearest = min(spoken, key=lambda one: abs(one.span.start - cue.span.start), default=None)
        speaker = cue.speaker or (nearest.speaker if nearest else "") or "S1"
        made.append(replace(cue, id=following + number, speaker=speaker, words=()))
    return made


def _speaker(name: str, heard: Sequence[Speaker], renamed: set[tuple[str, str]]) -> Speaker:
    """Who was heard by that name, or by another that only he has now; else nothing is known."""
    known = {speaker.id: speaker for speaker in heard}
    origins = {old for old, new in renamed if new == name}
    if name not in known and len(origins) == 1:
        (old,) = origins
        if old in known and {new for other, new in renamed if other == old} == {name}:
            return replace(known[old], id=name)
    return known.get(name, Speaker(name))
