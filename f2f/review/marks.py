"""The lines as a person sees them: what was heard, what is said, and what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from f2f.edits import lines as edited
from f2f.edits.book import Book
from f2f.edits.lines import Line
from f2f.store.artefacts import Artefact, Store
from f2f.types import Cast, Clip, Clips, Placement, SpeechTrack, Transcript

UNSURE = 0.6
"""Mean confidence of a line's words under which a person should listen to it."""
MISHEARD = 0.3
"""Character error rate of a clip that was heard back."""
TOLD = {
    "fast": "spoken faster than is natural",
    "too-fast": "spoken much too fast",
    "shifted": "far from where the source says it",
    "silent": "the clip is silent",
    "too-short": "the clip is shorter than its text",
    "too-long": "the clip is longer than its text",
    "misheard": "not understood when heard back",
    "heard-in-another-script": "heard back in another script",
    "unsure": "the recogniser was unsure",
    "no-face": "no face speaks it",
    "draft": "a draft translation",
    "changed": "changed since the last rendering",
    "untranslated": "not translated yet",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line on the page."""

    id: int
    start: float
    end: float
    speaker: str
    colour: int
    """Number of the speaker's colour, from 0 on."""
    heard: str
    said: str
    own: bool
    """True where a person translated it."""
    placed: tuple[float, float] | None
    """When the last rendering speaks it."""
    stretch: float | None
    marks: tuple[str, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """The marks in words."""
        return tuple(TOLD.get(mark, mark) for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Made:
    """The parts of the last rendering that the page shows."""

    said: Transcript
    clips: Mapping[int, Clip]
    placements: Mapping[int, Placement]
    cast: frozenset[int]
    """Lines that a face speaks."""
    faces: bool
    """True if there is any face in the video."""


def made(store: Store, refs: Mapping[str, str]) -> Made:
    """What was rendered.

    Raises:
        KeyError, InputError, OSError: the store no longer has it.
    """

    def read(name: str, kind: type[Any]) -> Any:
        artefact = Artefact.named(refs[name])
        assert artefact is not None, "the worker wrote it"
        return store.read(artefact, kind)

    clips, track, cast = read("clips", Clips), read("speech", SpeechTrack), read("cast", Cast)
    return Made(
        read("said", Transcript),
        {clip.segment_id: clip for clip in clips.clips},
        {one.segment_id: one for one in track.placements},
        frozenset(entry.segment_id for entry in cast.entries),
        bool(refs.get("faces")),
    )


def rows(
    heard: Transcript,
    draft: Transcript,
    edits: Book,
    *,
    last: Made | None,
    texts: Mapping[str, str],
    is_draft: bool,
) -> list[Row]:
    """All lines in the order of their start.

    Args:
        heard: before any correction.
        draft: the machine's translation of it.
        edits: the corrections.
        last: the last rendering.
        texts: line → what the machine says now, where it had to translate anew.
        is_draft: True if the translator only makes drafts.

    Raises:
        InputError: a change cannot be made.
    """
    lines = edited.of(heard, edits.changes)
    machine = {segment.id: segment.text for segment in draft.segments}
    spoken = {segment.id: segment for segment in last.said.segments} if last else {}
    colours = {name: number for number, name in enumerate(speakers(lines.in_order()))}
    found = []
    for line in lines.in_order():
        known = texts.get(str(line.id), "" if line.fresh else machine.get(line.id, ""))
        said = line.said if line.said is not None else known
        placement = last.placements.get(line.id) if last else None
        then = spoken.get(line.id)
        marks = list(_marks(line, said, last))
        if is_draft and line.said is None and said:
            marks.append("draft")
        if line.fresh and line.said is None and str(line.id) not in texts:
            marks.append("untranslated")
        same = then is not None and (then.text, then.speaker, then.span) == (
            *(said, line.speaker),
            line.span,
        )
        if last is not None and not same and (said.strip() or then is not None):
            marks.append("changed")
        found.append(
            Row(
                id=line.id,
                start=round(line.span.start, 3),
                end=round(line.span.end, 3),
                speaker=line.speaker,
                colour=colours[line.speaker] % 8,
                heard=line.heard,
                said=said,
                own=line.said is not None,
                placed=(placement.span.start, placement.span.end) if placement else None,
                stretch=placement.stretch if placement else None,
                marks=tuple(dict.fromkeys(marks)),
            )
        )
    return found


def speakers(lines: Sequence[Line]) -> list[str]:
    """Everyone who speaks, by name."""
    return sorted({line.speaker for line in lines})


def _marks(line: Line, said: str, last: Made | None) -> Iterator[str]:
    if line.words and not line.fresh:
        sure = sum(word.confidence for word in line.words) / len(line.words)
        if sure < UNSURE:
            yield "unsure"
    clip = last.clips.get(line.id) if last else None
    if last is None or clip is None or clip.text != said:
        return
    yield from clip.flags
    if (clip.error_rate or 0.0) > MISHEARD:
        yield "misheard"
    if line.id in last.placements:
        yield from last.placements[line.id].flags
    if last.faces and line.id not in last.cast:
        yield "no-face"
