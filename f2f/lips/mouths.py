"""New mouths and where they go.

Only the mouths are stored, never whole frames: `mouths.bin` holds them one after the other as they
come from the engine, and `Patcher` puts them into the frames when those are decoded for delivery.
A frame without a mouth is handed on as it is, the same object, bit for bit.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from f2f.errors import StageError
from f2f.lips.mouth_bank import OwnPictures
from f2f.roles import Frame
from f2f.types import Box
from lipsync.level import level, put_back
from lipsync.own_mouth.render import paste_own
from lipsync.paste import paste

MOUTHS = "mouths.bin"
"""Raw uint8 (N, S, S, 3) BGR."""


@dataclass(frozen=True, slots=True)
class Mouth:
    """A picture of `mouths.bin`: frame and box that it was made from, and how much it shows."""

    frame: int
    box: Box
    blend: float
    """In 0..1; below 1 where the source's own mouth fades into the new one and back."""
    speaks: bool = True
    """False where it is closed, because the source speaks on and the dub is silent."""
    track: int = 0
    """Face track that it belongs to."""
    person: int | None = None
    """Number in the bank of the person whose track it is; None where the bank has nobody."""
    own: float = 0.0
    """In 0..1: how much of the speaker's own pixels is shown, the rest is the generator's."""
    pictures: tuple[tuple[int, float], ...] = ()
    """Numbers of the person's pictures in the bank, and their shares of 1."""
    roll: float = 0.0
    """By how much the face is turned upright before it is made anew, in radians."""


@dataclass(frozen=True, slots=True)
class Lips:
    """All new mouths by frame; the n-th is the n-th picture of `mouths.bin`."""

    mouths: tuple[Mouth, ...]
    size: int
    """Side of the pictures in pixels."""
    weights: str
    """Which weights made them, why those, and on what terms; empty when none were needed."""
    path: str
    """The engine's inference path."""
    mean_difference: float
    """Of that path from fp32 on this video's own faces, in 1/255 (the quality gate)."""
    max_difference: float
    passed_over: tuple[str, ...] = ()
    """Faster paths that were not used, and why."""
    covered: int = 0
    """Frames left untouched because something is before a mouth that speaks."""
    turned: int = 0
    """Frames left untouched because a face that speaks is a profile."""


class Patcher:
    """Puts the new mouths into the frames.

    Args:
        lips: what was made.
        mouths_file: its `mouths.bin`.
        people: the bank's pictures, by person.

    Raises:
        StageError: the file does not hold as many pictures as `lips` names.
    """

    def __init__(self, lips: Lips, mouths_file: Path, people: Sequence[OwnPictures] = ()) -> None:
        self._mouths, self._people = lips.mouths, people
        self._of_frame: dict[int, list[int]] = defaultdict(list)
        for number, mouth in enumerate(lips.mouths):
            self._of_frame[mouth.frame].append(number)
        self._file = mouths_file
        self._shape = (lips.size, lips.size, 3)
        self._bytes = math.prod(self._shape)
        if mouths_file.stat().st_size != len(lips.mouths) * self._bytes:
            raise StageError(
                f"{mouths_file} does not hold {len(lips.mouths)} mouths of {self._shape} bytes"
            )

    def changes(self, index: int) -> bool:
        """True if frame `index` gets a new mouth."""
        return index in self._of_frame

    def patch(self, index: int, frame: Frame) -> Frame:
        """The frame with its new mouths; the very same object when it has none.

        Args:
            index: number of the frame.
            frame: (height, width, 3) BGR, left as it is.
        """
        for number in self._of_frame.get(index, ()):
            mouth = self._mouths[number]
            pasted = self._pasted(frame, number)
            frame = pasted if mouth.blend >= 1.0 else _mix(frame, pasted, mouth.blend)
        return frame

    def _pasted(self, frame: Frame, number: int) -> Frame:
        """The frame with that mouth in full, its pixels the speaker's or the generator's."""
        mouth, made = self._mouths[number], self._picture(number)
        upright = level(frame, mouth.box, mouth.roll)
        shown, box = upright.picture, upright.box
        pasted = paste(shown, made, box) if mouth.own < 1.0 else shown
        if mouth.own > 0.0 and mouth.person is not None:
            pictures = self._people[mouth.person]
            shares = [pictures.share(one, weight) for one, weight in mouth.pictures]
            own = paste_own(shown, made, box, shares)
            pasted = own if mouth.own >= 1.0 else _mix(pasted, own, mouth.own)
        return put_back(frame, upright, pasted)

    def _picture(self, number: int) -> Frame:
        """Read anew each time: what is mapped of a long video would all stay in memory."""
        offset = number * self._bytes
        values = np.fromfile(self._file, np.uint8, self._bytes, offset=offset)
        return values.reshape(self._shape)


def _mix(one: Frame, other: Frame, share: float) -> Frame:
    """`share` of `other`, the rest of `one`; equal pixels stay as they are."""
    mixed = one + share * (other.astype(np.float32) - one)
    return np.rint(mixed).astype(np.uint8)
