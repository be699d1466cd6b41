"""A human translator's file laid over what was heard.

Ids join if the file has the same ones; otherwise times do.  A cue over several segments is dealt
to them, several cues of one segment are joined, and a cue where nothing was heard becomes a
segment of its own: no word of the translator is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from f2f import subtitles
from f2f.errors import InputError
from f2f.text import sentences
from f2f.types import Segment, Speaker, Transcript

log = logging.getLogger(__name__)

_ENOUGH = 0.4
"""Share of the shorter of cue and segment that must overlap for them to belong together."""


def read(path: Path, heard: Transcript, language: str, *, end: float | None = None) -> Transcript:
    """The file's texts on the segments of `heard`.

    Args:
        path: a translator's .srt, .vtt or .json.
        heard: what was said in the source.
        language: of the file, ISO 639-1.
        end: seconds that the video lasts; None for a still.

    Raises:
        InputError: the file cannot be read, is in another language, has a line beyond `end`, or
            shares no time with what was heard.
    """
    return match(heard, subtitles.read(path, language, end=end), path.name)


def match(heard: Transcript, written: Transcript, name: str = "the translation") -> Transcript:
    """Texts of `written` on the segments of `heard`; see the module's text."""
    if _same_ids(heard, written):
        texts = {cue.id: cue.text for cue in written.segments}
        alone: list[Segment] = []
    else:
        texts, alone = _by_time(heard.segments, written.segments)
    if not texts and heard.segments:
        raise InputError(f"{name} has no line at a time when something is said")
    silent = [segment for segment in heard.segments if segment.id not in texts]
    if silent:
        times = ", ".join(f"{segment.span.start:.1f} s" for segment in silent[:5])
        log.warning("%s has nothing for %d segments (at %s)", name, len(silent), times)
    spoken = [
        replace(segment, text=texts[segment.id], words=())
        for segment in heard.segments
        if segment.id in texts
    ]
    spoken += _new(alone, heard)
    spoken.sort(key=lambda segment: segment.span.start)
    return Transcript(written.language, tuple(spoken), _speakers(heard, spoken))


def _same_ids(heard: Transcript, written: Transcript) -> bool:
    """True if the file numbers its lines as `heard` does, at overlapping times."""
    spans = {segment.id: segment.span for segment in heard.segments}
    return len(written.segments) == len(spans) and all(
        cue.id in spans and cue.span.overlap(spans[cue.id]) > 0 for cue in written.segments
    )


def _by_time(
    segments: Sequence[Segment], cues: Sequence[Segment]
) -> tuple[dict[int, str], list[Segment]]:
    parts: dict[int, list[str]] = {}
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
        for owner, part in zip(owners, dealt, strict=True):
            parts.setdefault(owner.id, []).append(part)
    return {owner: " ".join(found) for owner, found in parts.items()}, alone


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


def _new(alone: Sequence[Segment], heard: Transcript) -> list[Segment]:
    """Segments of their own for cues where nothing was heard, spoken by whoever is nearest."""
    following = max((segment.id for segment in heard.segments), default=-1) + 1
    made = []
    for number, cue in enumerate(alone):
        speaker = cue.speaker
        if heard.segments:
            nearest = min(heard.segments, key=lambda one: abs(one.span.start - cue.span.start))
            speaker = nearest.speaker
        made.append(replace(cue, id=following + number, speaker=speaker or "S1", words=()))
    return made


def _speakers(heard: Transcript, spoken: Sequence[Segment]) -> tuple[Speaker, ...]:
    known = {speaker.id for speaker in heard.speakers}
    extra = sorted({segment.speaker for segment in spoken} - known)
    return (*heard.speakers, *(Speaker(name) for name in extra))
