"""Which of the bank's pictures fit a made mouth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipsync.crops import Floats
from lipsync.own_mouth.descriptors import POSE_WEIGHT, distances
from lipsync.own_mouth.path import Candidates, Integers

BARRED = 8
"""Frames about the one to be changed whose mouths are not taken: they say what was said."""

KEPT = 12
"""Candidates that fit a frame best."""

LENT = 6
"""Candidates that each neighbour adds, so that a picture may rest for a while."""

BLOCK = 256
"""Frames whose distances are held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Descriptors of a bank's N pictures, and where each comes from."""

    mouths: Floats
    """(N, M)."""
    poses: Floats
    """(N, P)."""
    frames: Integers
    """(N,) frame of the source."""
    penalty: Floats
    """(N,) added to the cost of each: soft or small ones are taken only where nothing else fits."""

    def follows(self) -> Integers:
        """(N,) the picture that is the next frame of the source, −1 where that is not kept."""
        place = {int(frame): number for number, frame in enumerate(self.frames)}
        return np.array([place.get(int(frame) + 1, -1) for frame in self.frames], np.intp)

    def plain(self) -> Floats:
        """(M,) the speaker's mean mouth: neither closed nor open."""
        mean = self.mouths.mean(0)
        length = float(np.linalg.norm(mean))
        plain: Floats = mean / np.float32(length) if length > 0 else mean
        return plain


def fitting(
    looks: Looks, mouths: Floats, poses: Floats, frames: Integers, *, barred: int = BARRED
) -> Candidates:
    """The best candidates of each frame, its neighbours' best among them.

    Args:
        looks: the bank.
        mouths: (T, M) of the made mouths.
        poses: (T, P) of the frames that they go into.
        frames: (T,) of the source, which follow each other.
        barred: how near in time no picture is taken from.

    Returns:
        (T, ≤ KEPT + 2 · LENT) candidates.
    """
    best = min(KEPT, len(looks.frames))
    lent = min(LENT, best)
    own = np.empty((len(frames), best), np.intp)
    found: list[Floats] = []
    for start in range(0, len(frames), BLOCK):
        part = slice(start, start + BLOCK)
        costs = _costs(looks, mouths[part], poses[part], frames[part], barred)
        rows = np.arange(len(costs))[:, None]
        some = np.argpartition(costs, best - 1, axis=1)[:, :best]
        own[part] = some[rows, np.argsort(costs[rows, some], axis=1)]
        found.append(costs)
    before = np.concatenate((own[:1, :lent], own[:-1, :lent]))
    after = np.concatenate((own[1:, :lent], own[-1:, :lent]))
    pictures = np.concatenate((own, before, after), axis=1)
    costs = np.concatenate(found)[np.arange(len(frames))[:, None], pictures]
    return Candidates(pictures, costs)


def _costs(looks: Looks, mouths: Floats, poses: Floats, frames: Integers, barred: int) -> Floats:
    """(T, N)."""
    costs = distances(mouths, looks.mouths)
    costs += POSE_WEIGHT * distances(poses, looks.poses)
    costs += looks.penalty
    costs[np.abs(frames[:, None] - looks.frames) <= barred] = np.inf
    return costs
