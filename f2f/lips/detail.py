"""Where the pixels of a new mouth come from: the speaker's own frames, or the generator.

`auto` takes the own mouth for as long as it fits, and decides piece by piece: a piece lies between
two pauses, so that nothing changes in the middle of a word.  From one piece to the next the one
fades into the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from f2f.config import LipDetail
from f2f.lips.mouths import Mouth
from f2f.lips.own_lips import Choice
from f2f.media.timeline import frame_count, time_of
from f2f.roles import Samples

ENOUGH = 50
"""Pictures of a person from which the bank is good enough."""
MISFIT = 0.85
"""Distance of a made mouth from its picture beyond which the bank has none that is like it."""
STRANGE = 0.65
"""The same of the head's pose: it was never seen so."""
BAD = 0.15
"""Part of a piece's mouths that may be so."""
PAUSE = 0.16
"""Seconds of quiet in which a piece may end; the closed lips of a p or t are shorter."""
QUIET = -25.0
"""dB below the loud parts of a run (their 95th percentile) under which it is quiet."""
FADE = 2
"""Frames before and after a change in which one fades into the other."""

Listen = Callable[[float, float], Samples]
"""Sound from start to end, in seconds, of the speech track."""


@dataclass(frozen=True, slots=True, eq=False)
class Detailer:
    """Decides for all mouths of a video.

    Args:
        detail: what was asked for.
        choices: number of a mouth → its pictures; without an entry there are none.
        pictures: person → how many pictures the bank has.
        listen: the speech track's sound.
        fps: frames a second.
    """

    detail: LipDetail
    choices: Mapping[int, Choice]
    pictures: Sequence[int]
    listen: Listen
    fps: Fraction

    def decided(self, mouths: Sequence[Mouth]) -> tuple[Mouth, ...]:
        """The mouths with their pictures and how much the speaker's own shows."""
        result = list(mouths)
        if self.detail == "generator":
            return tuple(result)
        for run in _runs(mouths):
            own = np.array([self._fits_at_all(mouths, number) for number in run], np.float64)
            if self.detail == "auto":
                for piece in self._pieces(mouths, run):
                    own[piece.start : piece.stop] = self._good(
                        mouths, run[piece.start : piece.stop]
                    )
            for number, share in zip(run, _faded(own), strict=True):
                choice = self.choices.get(number)
                if share > 0 and choice is not None:
                    shown = round(float(share), 4)
                    result[number] = replace(mouths[number], own=shown, pictures=choice.pictures)
        return tuple(result)

    def _fits_at_all(self, mouths: Sequence[Mouth], number: int) -> bool:
        return number in self.choices and mouths[number].person is not None

    def _good(self, mouths: Sequence[Mouth], piece: Sequence[int]) -> bool:
        """True if the bank is good enough for all of a piece."""
        person = mouths[piece[0]].person
        if person is None or self.pictures[person] < ENOUGH:
            return False
        found = [self.choices.get(number) for number in piece]
        bad = sum(one is None or one.misfit > MISFIT or one.strange > STRANGE for one in found)
        return bad <= BAD * len(piece) and None not in found

    def _pieces(self, mouths: Sequence[Mouth], run: Sequence[int]) -> Iterator[range]:
        """Parts of a run, cut in the middle of its pauses."""
        quiet = self._quiet(mouths, run)
        least = frame_count(PAUSE, self.fps)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet.astype(np.int8), [0]))))
        pauses = [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if b - a >= least]
        inner = [(a + b) // 2 for a, b in pauses if a > 0 and b < len(run)]
        for start, stop in itertools.pairwise((0, *inner, len(run))):
            yield range(start, stop)

    def _quiet(self, mouths: Sequence[Mouth], run: Sequence[int]) -> npt.NDArray[np.bool_]:
        first, last = mouths[run[0]].frame, mouths[run[-1]].frame
        sound = self.listen(time_of(first, self.fps), time_of(last + 1, self.fps))
        edges = np.round(np.linspace(0, len(sound), len(run) + 1)).astype(int)
        power = np.array(
            [
                float(np.mean(np.square(sound[a:b]))) if b > a else 0.0
                for a, b in itertools.pairwise(edges)
            ]
        )
        level = 10 * np.log10(np.maximum(power, 1e-12))
        closed = np.array([not mouths[number].speaks for number in run])
        quiet: npt.NDArray[np.bool_] = closed | (level < np.percentile(level, 95) + QUIET)
        return quiet


def _runs(mouths: Sequence[Mouth]) -> Iterator[list[int]]:
    """Numbers of the mouths of each track in consecutive frames."""
    by_track: dict[int, list[int]] = {}
    for number, mouth in enumerate(mouths):
        by_track.setdefault(mouth.track, []).append(number)
    for numbers in by_track.values():
        run = [numbers[0]]
        for number in numbers[1:]:
            if mouths[number].frame != mouths[run[-1]].frame + 1:
                yield run
                run = []
            run.append(number)
        yield run


def _faded(own: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Steps between 0 and 1 made slopes of FADE frames to either side."""
    if own.min() == own.max():
        return own
    wide = np.pad(own, FADE, mode="edge")
    width = 2 * FADE + 1
    return np.convolve(wide, np.full(width, 1 / width), mode="valid")
