"""Each speaker's own mouths: the frames of the source that new lips are made of.

Pictures are stored as they are, one after the other in a file a person, and read one at a time, so
that neither an hour of video nor a face of many pixels needs memory.  What a picture looks like, as
vectors, lies beside them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from f2f.errors import StageError
from f2f.roles import Frame
from f2f.types import Box
from lipsync.crops import crop
from lipsync.own_mouth.matching import Looks
from lipsync.own_mouth.render import Share

SOFT = 0.6
"""Part of the person's median sharpness below which a picture counts as blurred."""
SOFT_COST = 0.3
"""Added to the cost of matching for each halving below that."""


@dataclass(frozen=True, slots=True)
class PersonMouths:
    """The pictures of one person; the n-th has the n-th frame and sharpness."""

    tracks: tuple[int, ...]
    """Face tracks of this person."""
    pictures: str
    """File of raw uint8 (N, height, width, 3) BGR, whole faces in the pixels of the source."""
    looks: str
    """File of float32 (N, M + P), mouths and poses as `lipsync.own_mouth` describes them."""
    height: int
    width: int
    frames: tuple[int, ...]
    boxes: tuple[Box, ...]
    """Where the face is in each picture, in its pixels."""
    sharpness: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """Frames of a track in which something is before the mouth."""

    track: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class MouthBank:
    """All speakers' own mouths, and where a face must be left alone."""

    people: tuple[PersonMouths, ...]
    covered: tuple[Covered, ...] = ()

    def person_of(self, track: int) -> int | None:
        """Number of the person whose track it is."""
        return next((n for n, person in enumerate(self.people) if track in person.tracks), None)

    def hidden(self) -> dict[int, tuple[range, ...]]:
        """Track → the runs of frames in which something is before the mouth."""
        runs: dict[int, tuple[range, ...]] = {}
        for one in self.covered:
            runs[one.track] = (*runs.get(one.track, ()), range(one.first, one.last + 1))
        return runs


class OwnPictures:
    """One person's pictures and looks, read when they are wanted.

    Args:
        person: what is there.
        locate: name of a file in the bank → its path.

    Raises:
        StageError: a file is not as long as it must be.
    """

    def __init__(self, person: PersonMouths, locate: Callable[[str], Path]) -> None:
        self._shape = (person.height, person.width, 3)
        self._bytes = math.prod(self._shape)
        self._file = locate(person.pictures)
        self._person, self._looks_file = person, locate(person.looks)
        if self._file.stat().st_size != len(person.frames) * self._bytes:
            raise StageError(f"{self._file} does not hold {len(person.frames)} mouths")
        self.picture = functools.lru_cache(maxsize=4)(self._picture)

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self._person.frames)

    def looks(self, *, mouth: int) -> Looks:
        """What they look like, if there are any; `mouth` of the numbers of each describe the
        mouth."""
        person = self._person
        rows = np.fromfile(self._looks_file, np.float32).reshape(len(person.frames), -1)
        sharp = np.maximum(np.array(person.sharpness, np.float32), 1e-3)
        soft = np.log2(SOFT * np.median(sharp) / sharp)
        return Looks(
            mouths=rows[:, :mouth],
            poses=rows[:, mouth:],
            frames=np.array(person.frames, np.intp),
            penalty=(SOFT_COST * np.maximum(0.0, soft)).astype(np.float32),
        )

    def face(self, number: int, side: int) -> Frame:
        """A picture as a generator sees it, (side, side, 3)."""
        return crop(self.picture(number), self._person.boxes[number], side)

    def share(self, number: int, weight: float) -> Share:
        """A picture as it is to be shown."""
        return Share(self.picture(number), weight, self._person.boxes[number])

    def _picture(self, number: int) -> Frame:
        """(height, width, 3); read anew: what is mapped of a file would all stay in memory."""
        values = np.fromfile(self._file, np.uint8, self._bytes, offset=number * self._bytes)
        return values.reshape(self._shape)
