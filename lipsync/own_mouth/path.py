"""One bank picture for each frame, chosen together so that the picture does not jump.

Dynamic programming (Viterbi) over a few candidates a frame: how ill a picture fits the made
mouth, and how much further it is from the one before than the made mouth itself moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lipsync.crops import Floats
from lipsync.errors import ShapeError

Integers = npt.NDArray[np.intp]

JUMP = 0.35
"""Cost of any step that is neither a rest nor the speaker's own next frame."""

DISTANCE = 1.5
"""Weight of the distance that a step is longer than the made mouth's own."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What fits each of T frames, K a frame."""

    pictures: Integers
    """(T, K) numbers in the bank; a number may come twice."""
    costs: Floats
    """(T, K), inf where a picture is barred."""


def best_path(candidates: Candidates, moved: Floats, mouths: Floats, follows: Integers) -> Integers:
    """The picture of each frame.

    Args:
        candidates: of the T frames, which follow each other without a cut.
        moved: (T,) how far each made mouth is from the one before; the first is not read.
        mouths: (N, M) descriptors of the bank's mouths.
        follows: (N,) the bank picture that is the speaker's own next frame, −1 if there is none.

    Returns:
        (T,) numbers in the bank.

    Raises:
        ShapeError: no frame, or one of whose candidates none is allowed.
    """
    pictures, costs = candidates.pictures, candidates.costs
    if pictures.ndim != 2 or pictures.shape != costs.shape or len(moved) != len(pictures):
        raise ShapeError(f"candidates {pictures.shape} and {costs.shape} of {len(moved)} frames")
    if pictures.size == 0 or not np.isfinite(costs).any(1).all():
        raise ShapeError("a frame has no candidate")
    total = costs[0].astype(np.float64)
    came_from = np.zeros(pictures.shape, np.intp)
    for frame in range(1, len(pictures)):
        before, now = pictures[frame - 1], pictures[frame]
        sums = total[:, None] + _steps(before, now, float(moved[frame]), mouths, follows)
        came_from[frame] = sums.argmin(0)
        total = sums.min(0) + costs[frame]
    chosen = np.zeros(len(pictures), np.intp)
    at = int(total.argmin())
    for frame in range(len(pictures) - 1, -1, -1):
        chosen[frame] = pictures[frame, at]
        at = int(came_from[frame, at])
    return chosen


def _steps(
    before: Integers, now: Integers, moved: float, mouths: Floats, follows: Integers
) -> Floats:
    """(K, K) cost of every step from one frame's candidates to the next one's."""
    # All rows have length 1 (or 0): the distance follows from the product.
    products = np.clip(mouths[before] @ mouths[now].T, -1.0, 1.0)
    apart = np.sqrt(2.0 - 2.0 * products)
    cost: Floats = JUMP + DISTANCE * np.maximum(0.0, apart - moved)
    natural = (before[:, None] == now) | (follows[before][:, None] == now)
    cost[natural] = 0.0
    return cost
