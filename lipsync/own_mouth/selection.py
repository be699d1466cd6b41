"""A diverse few of any number of mouths, in one pass and in bounded memory.

Streaming k-centre clustering by doubling (Charikar et al. 2004): what is kept is further apart than
a radius; where there is no more room the radius grows and what lies too near is dropped.  Of two
mouths that are alike the sharper one stays.
"""

from __future__ import annotations

import numpy as np

from lipsync.crops import Floats
from lipsync.errors import ShapeError
from lipsync.own_mouth.descriptors import POSE_WEIGHT

FIRST_RADIUS = 0.02
"""Distance below which two mouths are the same; a codec's noise is about as much."""

GROWTH = 1.25
"""Of the radius, each time that there is no more room."""

SHARPER = 1.15
"""How many times as sharp a mouth must be to take the place of one that is like it."""


class DiverseFew:
    """Decides which mouths are kept, and in which place of a file of so many places.

    Args:
        room: how many are kept at most.
    """

    def __init__(self, room: int) -> None:
        if room < 1:
            raise ShapeError(f"room for {room} mouths is none")
        self.room = room
        self.radius = FIRST_RADIUS
        self._free = list(range(room - 1, -1, -1))
        self._rows: Floats | None = None
        self._sharp = np.zeros(room, np.float32)
        self._used = np.zeros(room, bool)

    def offer(self, mouth: Floats, pose: Floats, sharpness: float) -> int | None:
        """The next mouth of the stream.

        Args:
            mouth: (M,), from ``describe``.
            pose: (P,).
            sharpness: the larger, the sharper.

        Returns:
            The place where it is to be kept, perhaps instead of what was there; None if it is not.
        """
        row = _joined(mouth, pose)
        if self._rows is None:
            self._rows = np.zeros((self.room, len(row)), np.float32)
        while True:
            used = np.flatnonzero(self._used)
            if used.size:
                square = ((self._rows[used] - row) ** 2).sum(1)
                nearest = int(square.argmin())
                if square[nearest] < self.radius**2:
                    place = int(used[nearest])
                    if sharpness <= SHARPER * self._sharp[place]:
                        return None
                    return self._put(place, row, sharpness)
            if self._free:
                return self._put(self._free.pop(), row, sharpness)
            self.radius *= GROWTH
            self._thin()

    def kept(self) -> list[int]:
        """The places that are in use."""
        return np.flatnonzero(self._used).tolist()

    def _put(self, place: int, row: Floats, sharpness: float) -> int:
        assert self._rows is not None
        self._rows[place], self._sharp[place], self._used[place] = row, sharpness, True
        return place

    def _thin(self) -> None:
        """Drop whatever is nearer than the radius to something that stays, the sharpest first."""
        assert self._rows is not None
        order = np.flatnonzero(self._used)
        order = order[np.argsort(-self._sharp[order], kind="stable")]
        staying: list[int] = []
        for place in order.tolist():
            if staying:
                others = self._rows[staying]
                square = ((others - self._rows[place]) ** 2).sum(1)
                if square.min() < self.radius**2:
                    self._used[place] = False
                    self._free.append(place)
                    continue
            staying.append(place)


def _joined(mouth: Floats, pose: Floats) -> Floats:
    """One vector whose L2 distances weigh mouth and pose as the matching does."""
    row: Floats = np.concatenate((mouth, np.float32(POSE_WEIGHT) * pose)).astype(np.float32)
    return row
