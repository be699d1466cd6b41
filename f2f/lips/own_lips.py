"""Which of a speaker's own pictures each new mouth is shown by, while the mouths are being made.

The generator is shown the speaker's mean mouth in the same pose for a reference, so that the mouth
which the frame has does not come through in the new one.  What it makes is smoothed a little in
time, and each run of mouths then gets its pictures together (`lipsync.own_mouth`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from f2f.lips.mouth_bank import OwnPictures
from f2f.roles import Frame
from lipsync.crops import Floats, to_bytes
from lipsync.own_mouth.descriptors import describe
from lipsync.own_mouth.matching import BARRED, Looks, fitting
from lipsync.own_mouth.path import best_path

LONGEST = 1500
"""Mouths whose pictures are chosen together; a longer run is parted, for the memory's sake."""
NEIGHBOUR = 0.1
"""Weight of the mouth before and of the one after in the smoothing."""
GIVES_WAY = 3 / 4
"""Share of a picture in the last frame before another takes its place, and of that in the first."""
LOYAL = 0.1
"""Cost by which another reference must be better than the one in use."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How the mouth of that number is shown."""

    number: int
    pictures: tuple[tuple[int, float], ...]
    """Number in the bank and share; the shares sum to 1."""
    misfit: float
    """Distance of the made mouth from the chosen one, 0..2."""
    strange: float
    """Distance of the head's pose from the chosen one's, 0..2."""


@dataclass
class _Run:
    """Mouths of consecutive frames, as far as they are made."""

    numbers: list[int] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    mouths: list[Floats] = field(default_factory=list)
    poses: list[Floats] = field(default_factory=list)


class OwnLips:
    """One track's mouths, in the order of their frames.

    Args:
        pictures: of the person whose track it is.
        looks: theirs.
        source_frame: which frame of the source an output frame shows; what was seen about then is
            barred, so that the old mouth does not come back.
    """

    def __init__(
        self, pictures: OwnPictures, looks: Looks, source_frame: Callable[[int], int]
    ) -> None:
        self._pictures, self.looks, self._source_frame = pictures, looks, source_frame
        self._plain = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * (looks.mouths @ looks.plain())))
        self._reference: int | None = None
        self._run = _Run()

    def reference(self, face: Frame, frame: int) -> Frame | None:
        """The person's mean mouth in the pose of a face; None if there is none.

        Args:
            face: (S, S, 3), of the source.
            frame: its number.
        """
        _, (pose,) = describe([face])
        cost = self._plain + np.linalg.norm(self.looks.poses - pose, axis=1) + self.looks.penalty
        cost[np.abs(self.looks.frames - self._source_frame(frame)) <= BARRED] = np.inf
        best = int(cost.argmin())
        if not np.isfinite(cost[best]):
            return None
        now = self._reference
        if now is None or cost[now] > cost[best] + LOYAL:
            self._reference = best
        assert self._reference is not None
        return self._pictures.face(self._reference, len(face))

    def made(self, number: int, frame: int, face: Frame, mouth: Frame) -> Iterator[Choice]:
        """The next mouth.

        Args:
            number: of the mouth.
            frame: of the source.
            face: (S, S, 3), of the source.
            mouth: (S, S, 3), what was made of it.

        Yields:
            The choices of a run that this one does not belong to any more.
        """
        run = self._run
        if run.frames and (frame != run.frames[-1] + 1 or len(run.frames) >= LONGEST):
            yield from self.finish()
        (shape,), _ = describe([mouth])
        _, (pose,) = describe([face])
        self._run.numbers.append(number)
        self._run.frames.append(frame)
        self._run.mouths.append(shape)
        self._run.poses.append(pose)

    def finish(self) -> Iterator[Choice]:
        """The choices of what is left; none where the bank has nothing from another time."""
        run, self._run = self._run, _Run()
        if not run.frames:
            return
        shapes, poses = np.stack(run.mouths), np.stack(run.poses)
        frames = np.array([self._source_frame(frame) for frame in run.frames])
        candidates = fitting(self.looks, shapes, poses, frames)
        if not np.isfinite(candidates.costs).any(1).all():
            return
        moved = np.zeros(len(frames), np.float32)
        moved[1:] = np.linalg.norm(np.diff(shapes, axis=0), axis=1)
        follows = self.looks.follows()
        path = best_path(candidates, moved, self.looks.mouths, follows)
        misfit = np.linalg.norm(shapes - self.looks.mouths[path], axis=1)
        strange = np.linalg.norm(poses - self.looks.poses[path], axis=1)
        natural = (path[1:] == path[:-1]) | (path[1:] == follows[path[:-1]])
        for at, number in enumerate(run.numbers):
            shares = {int(path[at]): 1.0}
            for other, step in ((at - 1, at - 1), (at + 1, at)):
                if 0 <= other < len(path) and not natural[step]:
                    shares[int(path[at])] -= 1 - GIVES_WAY
                    shares[int(path[other])] = shares.get(int(path[other]), 0) + 1 - GIVES_WAY
            yield Choice(
                number,
                tuple((picture, round(share, 4)) for picture, share in shares.items()),
                float(misfit[at]),
                float(strange[at]),
            )


@dataclass(frozen=True, slots=True, eq=False)
class MadeMouth:
    """A mouth as the engine made it, with what it was made of."""

    number: int
    track: int
    frame: int
    face: Frame
    mouth: Frame


def steadied(made: Iterator[MadeMouth]) -> Iterator[MadeMouth]:
    """Mouths smoothed a little over the frames of their run: [1, 8, 1] / 10 of what was changed.

    Args:
        made: of all tracks, by frame.

    Yields:
        The same, those of each track in order.
    """
    waiting: dict[int, deque[MadeMouth]] = {}
    for new in made:
        run = waiting.setdefault(new.track, deque(maxlen=3))
        if run and new.frame != run[-1].frame + 1:
            yield from _last(run)
            run.clear()
        run.append(new)
        if len(run) > 1:
            yield _between(run[-3] if len(run) > 2 else run[-2], run[-2], new)
    for run in waiting.values():
        yield from _last(run)


def _last(run: deque[MadeMouth]) -> Iterator[MadeMouth]:
    if run:
        yield _between(run[-2] if len(run) > 1 else run[-1], run[-1], run[-1])


def _between(before: MadeMouth, now: MadeMouth, after: MadeMouth) -> MadeMouth:
    """Changes are smoothed, not pictures: a head that moves stays sharp."""
    changes = [one.mouth.astype(np.float32) - one.face for one in (before, now, after)]
    smooth = NEIGHBOUR * (changes[0] + changes[2]) + (1 - 2 * NEIGHBOUR) * changes[1]
    mouth = to_bytes(now.face + smooth)
    return MadeMouth(now.number, now.track, now.frame, now.face, mouth)
