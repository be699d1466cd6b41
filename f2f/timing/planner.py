"""The isochrony planner: when each clip is spoken, and how fast, decided for all of them at once.

Let oᵢ be the onset of a segment in the source, nᵢ the natural length of its clip, and sᵢ, dᵢ the
start and length to be found.  The planner solves one convex quadratic programme,

    minimise  Σ (dᵢ/nᵢ − 1)² + SHIFT_COST · (sᵢ − oᵢ)²
    subject to  sᵢ + dᵢ + gap ≤ sⱼ            j follows i by the same speaker
                sᵢ + dᵢ − aᵢⱼ ≤ sⱼ            j follows i by another, aᵢⱼ = overlap in the source
                min ≤ dᵢ/nᵢ ≤ max,  |sᵢ − oᵢ| ≤ max_shift,  0 ≤ sᵢ,  sᵢ + dᵢ ≤ end,

so pauses lend their time wherever it helps most.  When there is no such plan, the limits yield at
a price, in this order: speed up to `hard_stretch`, then the shift, then any speed.  Order and
the absence of overlap never yield, and nothing is left out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import clarabel
import numpy as np
import numpy.typing as npt
from scipy import sparse

from f2f.config import Timing
from f2f.errors import StageError
from f2f.types import Clips, Placement, Span, Transcript

log = logging.getLogger(__name__)

Vector = npt.NDArray[np.float64]

SHIFT_COST = 0.05
"""Price of a squared second of shift: one second is as bad as a stretch by 0.22."""
FASTEST = 0.1
"""No clip is ever pressed below this part of its natural length."""
TOLERANCE = 1e-4
"""Stretch or seconds by which a limit may be missed without a flag."""

FAST_PRICE = (1.0, 100.0)
"""Linear and quadratic price of a unit of stretch below `min_stretch`, down to `hard_stretch`."""
FAR_PRICE = (100.0, 10.0)
"""The same of a second beyond `max_shift`."""
BEYOND_PRICE = (1e4, 1e4)
"""The same of a unit of stretch beyond `hard_stretch`."""

FAST = "fast"
"""Flag: spoken faster than `min_stretch` allows; a shorter text would help."""
TOO_FAST = "too-fast"
"""Flag: faster even than `hard_stretch` allows."""
SHIFTED = "shifted"
"""Flag: further from the source's onset than `max_shift` allows."""


@dataclass(frozen=True, slots=True)
class TimedClip:
    """A clip to place: who says it, when the source said it, its natural length in seconds."""

    segment_id: int
    speaker: str
    source: Span
    natural: float


def timed_clips(said: Transcript, made: Clips) -> list[TimedClip]:
    """What is to be placed: every segment that has a clip."""
    lengths = {clip.segment_id: clip.duration for clip in made.clips}
    return [
        TimedClip(segment.id, segment.speaker, segment.span, lengths[segment.id])
        for segment in said.segments
        if segment.id in lengths
    ]


def plan(
    clips: Sequence[TimedClip], *, options: Timing, end: float | None
) -> tuple[Placement, ...]:
    """One placement a clip, in the source's order.

    Args:
        clips: in any order; natural lengths above zero.
        options: the limits.
        end: seconds at which the video ends; None for a still picture, which goes on.

    Raises:
        StageError: the speech does not fit into the video at any speed.
    """
    ordered = in_order(clips)
    if not ordered:
        return ()
    solution = _solve(ordered, options, end, yielding=False)
    if solution is None:
        solution = _solve(ordered, options, end, yielding=True)
    if solution is None:
        total = sum(one.natural for one in ordered)
        raise StageError(
            f"{total:.1f} s of speech cannot be fitted into {end or 0:.1f} s of video at any speed"
        )
    starts, lengths = _exact(ordered, *solution, gap=options.gap)
    return tuple(
        _placement(one, float(start), float(length), options)
        for one, start, length in zip(ordered, starts, lengths, strict=True)
    )


def in_order(clips: Iterable[TimedClip]) -> list[TimedClip]:
    """By their onsets in the source."""
    return sorted(clips, key=lambda one: (one.source.start, one.segment_id))


def too_long(placements: Sequence[Placement], *, options: Timing) -> dict[int, float]:
    """Segment id → factor (below 1) by which its text should be shorter to be spoken in time."""
    return {
        placement.segment_id: placement.stretch / options.min_stretch
        for placement in placements
        if FAST in placement.flags or TOO_FAST in placement.flags
    }


def followers(clips: Sequence[TimedClip], *, gap: float) -> Iterator[tuple[int, int, float]]:
    """Pairs (i, j, room): j begins at least `room` seconds after i ends (below 0: may overlap).

    Pairs that follow from two others (i before h, h before j) are left out.

    Args:
        clips: in the source's order.
        gap: seconds kept between two clips of one speaker.
    """
    before: list[int] = []  # bit i of before[j]: i surely ends before j begins
    latest: dict[str, int] = {}  # the speaker's last clip so far
    for j, later in enumerate(clips):
        known = 0
        for i in range(j - 1, -1, -1):
            follows = latest.get(later.speaker) == i
            if known >> i & 1 and not follows:
                continue
            earlier = clips[i]
            overlap = earlier.source.end - later.source.start
            if earlier.speaker != later.speaker and overlap > 0:
                yield i, j, -overlap
                continue
            yield i, j, gap if follows else 0.0
            known |= before[i] | 1 << i
            if known == (1 << j) - 1:
                break
        before.append(known)
        latest[later.speaker] = j


def _solve(
    clips: Sequence[TimedClip], options: Timing, end: float | None, *, yielding: bool
) -> tuple[Vector, Vector] | None:
    """Starts and lengths, or None when the limits cannot be kept.

    The unknowns are x = (shift, stretch − 1, and if limits yield: how far each clip is beyond
    `min_stretch`, beyond `max_shift`, and beyond `hard_stretch`), each (count,).
    """
    count = len(clips)
    onset = np.array([one.source.start for one in clips])
    natural = np.array([one.natural for one in clips])
    length = sparse.diags_array(natural)
    every = sparse.eye_array(count, format="csr")
    blocks = 5 if yielding else 2
    rows: list[Any] = []
    bounds: list[Vector] = []

    def at_most(bound: Vector, **parts: Any) -> None:
        """Demand that the sum of part · unknown is at most `bound`."""
        names = ("shift", "stretch", "fast", "far", "beyond")[:blocks]
        empty = sparse.csr_array((len(bound), count))
        rows.append(sparse.hstack([parts.get(name, empty) for name in names]))
        bounds.append(bound)

    def all_at(value: float) -> Vector:
        return np.full(count, value)

    at_most(all_at(options.max_shift), shift=every, far=-every)
    at_most(all_at(options.max_shift), shift=-every, far=-every)
    at_most(all_at(options.max_stretch - 1), stretch=every)
    at_most(all_at(1 - options.min_stretch), stretch=-every, fast=-every, beyond=-every)
    at_most(onset, shift=-every)
    if end is not None:
        at_most(end - onset - natural, shift=every, stretch=length)
    pairs = list(followers(clips, gap=options.gap))
    if pairs:
        first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        room = np.array([pair[2] for pair in pairs])
        ends, begins, lengths = every[first], every[second], length.tocsr()[first]
        between = begins @ onset - ends @ (onset + natural)
        at_most(between - room, shift=ends - begins, stretch=lengths)

    linear = [all_at(0.0), all_at(0.0)]
    square = [all_at(2 * SHIFT_COST), all_at(2.0)]
    if yielding:
        hard = max(0.0, options.min_stretch - 1 / options.hard_stretch)
        at_most(all_at(hard), fast=every)
        at_most(all_at(max(0.0, options.min_stretch - hard - FASTEST)), beyond=every)
        for name in ("fast", "far", "beyond"):
            at_most(all_at(0.0), **{name: -every})
        for price, squared in (FAST_PRICE, FAR_PRICE, BEYOND_PRICE):
            linear.append(all_at(price))
            square.append(all_at(2 * squared))

    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    matrix = sparse.csc_matrix(sparse.vstack(rows))
    solution = clarabel.DefaultSolver(
        sparse.csc_matrix(sparse.diags_array(np.concatenate(square))),
        np.concatenate(linear),
        matrix,
        np.concatenate(bounds),
        [clarabel.NonnegativeConeT(matrix.shape[0])],
        settings,
    ).solve()
    if str(solution.status) not in ("Solved", "AlmostSolved"):
        return None
    unknowns = np.array(solution.x)
    return onset + unknowns[:count], natural * (1 + unknowns[count : 2 * count])


def _exact(
    clips: Sequence[TimedClip], starts: Vector, lengths: Vector, *, gap: float
) -> tuple[Vector, Vector]:
    """The solver's answer with order and gaps kept exactly, at the cost of the earlier clip.

    Rounding costs a clip less than `TOLERANCE`.  What an answer of low accuracy costs is told, and
    a clip that gets too fast by it is flagged like any other.

    Raises:
        StageError: a clip would have to be faster than `FASTEST`.
    """
    starts, ends = np.maximum(starts, 0.0), starts + lengths
    worst = 0.0
    for i, j, room in followers(clips, gap=gap):
        excess = max(0.0, ends[i] + room - starts[j])
        ends[i] -= excess
        worst = max(worst, excess)
    if any(ends - starts < FASTEST * np.array([one.natural for one in clips]) - TOLERANCE):
        raise StageError(
            f"no plan of the timing was found: the solver's best answer overlaps by {worst:.2f} s"
        )
    if worst > TOLERANCE:
        log.warning("clips are up to %.3f s shorter than planned, to keep them apart", worst)
    return starts, ends - starts


def _placement(one: TimedClip, start: float, length: float, options: Timing) -> Placement:
    stretch = length / one.natural
    flags = []
    if stretch < 1 / options.hard_stretch - TOLERANCE:
        flags.append(TOO_FAST)
    elif stretch < options.min_stretch - TOLERANCE:
        flags.append(FAST)
    if abs(start - one.source.start) > options.max_shift + TOLERANCE:
        flags.append(SHIFTED)
    return Placement(one.segment_id, Span(start, start + length), stretch, tuple(flags))
