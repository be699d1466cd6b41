"""Captions that roll: each shows again what is still on the screen, and only its end is new.

YouTube writes two lines with the old one above the new, and a caption of 10 ms between two of them;
roll-up captions of television have two or three lines; live ones grow word by word.  Lines are
taken for carried over only in a run of captions that all do so: who sings a line twice says it
twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from f2f.subtitles.caption import Caption
from f2f.types import Span

_LONGEST_GAP = 0.25
"""Seconds between two captions of a run."""
_FLASH = 0.05
"""Seconds; a caption as short as this says nothing of its own."""
_FEWEST_STEPS, _FEWEST_GROWN = 2, 3
"""Captions of a run that carry something over; that grow, where all have only one line."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What of a caption was in the one before: `lines` of its lines, the last perhaps grown."""

    lines: int
    grown: bool
    sure: bool
    """True if the caption is a flash, or its new words alone have times."""


_NOTHING = _Step(0, grown=False, sure=False)


def unrolled(captions: Sequence[Caption]) -> list[Caption]:
    """The captions, in order of time, with what each says for the first time."""
    steps = [_NOTHING, *(_step(*pair) for pair in pairwise(captions))]
    return [
        caption
        for run in _runs(steps)
        for caption in (
            _new(captions[run.start : run.stop], steps[run.start : run.stop])
            if _rolls(captions[run.start : run.stop], steps[run.start + 1 : run.stop])
            else captions[run.start : run.stop]
        )
    ]


def _runs(steps: Sequence[_Step]) -> Iterator[range]:
    """Stretches of captions of which each but the first carries something over."""
    starts = [at for at, step in enumerate(steps) if step.lines == 0]
    for start, end in pairwise([*starts, len(steps)]):
        yield range(start, end)


def _rolls(captions: Sequence[Caption], steps: Sequence[_Step]) -> bool:
    if max((len(caption.lines) for caption in captions), default=0) > 1:
        return len(steps) >= _FEWEST_STEPS or any(step.sure for step in steps)
    return sum(step.grown for step in steps) >= _FEWEST_GROWN


def _step(before: Caption, caption: Caption) -> _Step:
    old, new = _written(before), _written(caption)
    apart = caption.span.start - before.span.end > _LONGEST_GAP
    if apart or not old or not new or before.speaker != caption.speaker:
        return _NOTHING
    flash = min(caption.span.duration, before.span.duration) <= _FLASH
    held = flash or len(new) < len(old)  # nothing new need be in it
    for count in range(min(len(old), len(new)), 0, -1):
        tail, head = old[len(old) - count :], new[:count]
        if tail == head and (held or count < len(new)):
            return _Step(count, grown=False, sure=flash or caption.stamped)
        if tail[:-1] == head[:-1] and head[-1].startswith(tail[-1] + " "):
            return _Step(count, grown=True, sure=False)
    return _NOTHING


def _new(captions: Sequence[Caption], steps: Sequence[_Step]) -> list[Caption]:
    found = [captions[0]]
    for caption, step in zip(captions[1:], steps[1:], strict=True):
        lines = _written(caption)
        if step.grown:
            last = found[-1]
            kept = (*_written(last)[:-1], lines[step.lines - 1])
            found[-1] = replace(last, lines=kept, span=Span(last.span.start, caption.span.end))
        if lines[step.lines :]:
            found.append(replace(caption, lines=lines[step.lines :]))
    return found


def _written(caption: Caption) -> tuple[str, ...]:
    return tuple(line for line in caption.lines if line)
