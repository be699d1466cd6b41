"""Gathers one person's mouths from streamed frames: a diverse few, and what covers them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from f2f.lips.mouth_bank import Covered, PersonMouths
from f2f.lips.poses import levelled_by
from f2f.roles import Frame
from f2f.types import Box, FaceTrack
from lipsync.crops import crop, resample, to_bytes, with_chin
from lipsync.level import level
from lipsync.own_mouth import covering
from lipsync.own_mouth.descriptors import SIDE, describe
from lipsync.own_mouth.selection import DiverseFew

MOST = 2500
"""Pictures of a person that are kept at most."""
MOST_BYTES = 512 << 20
"""Of all people's pictures together."""
TALLEST = 512
"""Pixels of a kept face's height: larger ones are made smaller."""
MOST_FIT = 90.0
"""Percent of a person's faces that the pictures are large enough for."""
AROUND = 2
"""Frames about a covered one that are left alone as well: the hand is coming or going."""
AT_ONCE = 1024
"""Frames whose notes are held at once."""
_LOWER = 0.5
"""Part of the face's height below which its sharpness is measured."""


@dataclass(frozen=True, slots=True)
class _Fact:
    """Of a kept picture."""

    frame: int
    sharpness: float
    box: Box


class Gatherer:
    """Sees every frame of one person's tracks and writes the files of `PersonMouths`.

    Args:
        number: of the person; in the files' names.
        tracks: of the person.
        folder: where to write.
        share: bytes that the pictures may take.
    """

    def __init__(
        self, number: int, tracks: Sequence[FaceTrack], folder: Path, *, share: int
    ) -> None:
        self._tracks, self._folder = tuple(tracks), folder
        self._pictures = f"pictures-{number}.bin"
        self._looks = f"looks-{number}.bin"
        self._memory = folder / f"seen-{number}.bin"
        self._size = _native(tracks)
        room = min(MOST, share // (math.prod(self._size) * 3), sum(len(t.boxes) for t in tracks))
        self._few = DiverseFew(max(1, room))
        self._rows: dict[int, npt.NDArray[np.float32]] = {}
        self._facts: dict[int, _Fact] = {}
        self._places: list[tuple[int, int]] = []
        self._file = (folder / self._pictures).open("wb+")
        self._notes = self._memory.open("wb")

    def see(self, frame_number: int, frame: Frame) -> None:
        """The next frame; nothing is kept of it where the person is not in it."""
        for track in self._tracks:
            if frame_number in track.frames:
                self._look(track, frame_number, frame)

    def _look(self, track: FaceTrack, number: int, whole: Frame) -> None:
        index = number - track.first_frame
        upright = level(whole, with_chin(track.boxes[index]), levelled_by(track, index))
        frame, box = upright.picture, upright.box
        face = crop(frame, box, SIDE)
        (mouth,), (pose,) = describe([face])
        self._notes.write(covering.lower_face(face).tobytes())
        self._notes.write(pose.astype(np.float16).tobytes())
        self._places.append((track.id, number))
        if not _inside(with_chin(track.boxes[index]), whole):
            return
        native, inner = _taken(frame, box, self._size)
        sharp = _sharpness(native, inner)
        place = self._few.offer(mouth, pose, sharp)
        if place is not None:
            self._file.seek(place * native.nbytes)
            self._file.write(native.tobytes())
            self._rows[place] = np.concatenate((mouth, pose))
            self._facts[place] = _Fact(number, sharp, inner)

    def finish(self) -> tuple[PersonMouths, tuple[Covered, ...]]:
        """Close the files; pictures of covered mouths are left out."""
        self._notes.close()
        covered = tuple(self._covered())
        hidden = {number for run in covered for number in range(run.first, run.last + 1)}
        kept = sorted(
            (self._facts[place].frame, place)
            for place in self._few.kept()
            if self._facts[place].frame not in hidden
        )
        self._repack([place for _, place in kept])
        rows = [self._rows[place] for _, place in kept]
        (self._folder / self._looks).write_bytes(b"".join(row.tobytes() for row in rows))
        self._memory.unlink()
        height, width = self._size
        mouths = PersonMouths(
            tracks=tuple(track.id for track in self._tracks),
            pictures=self._pictures,
            looks=self._looks,
            height=height,
            width=width,
            frames=tuple(number for number, _ in kept),
            boxes=tuple(self._facts[place].box for _, place in kept),
            sharpness=tuple(round(self._facts[place].sharpness, 3) for _, place in kept),
        )
        return mouths, covered

    def _repack(self, places: Sequence[int]) -> None:
        """The kept pictures in the order of time, one after the other."""
        size = math.prod(self._size) * 3
        target = self._folder / f"{self._pictures}.new"
        with target.open("wb") as file:
            for place in places:
                self._file.seek(place * size)
                file.write(self._file.read(size))
        self._file.close()
        target.replace(self._folder / self._pictures)

    def _covered(self) -> Iterator[Covered]:
        """Runs of frames in which something is before the mouth, by track."""
        if not self._places:
            return
        known = self._seen(np.arange(len(self._places))).some()
        bare = covering.bare(known)
        owners = np.array([track for track, _ in self._places])
        for track in self._tracks:
            rows = np.flatnonzero(owners == track.id)
            parts = [rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE)]
            flags = [covering.covered(self._seen(part).all(), known, bare) for part in parts]
            for run in _runs(np.concatenate(flags or [np.zeros(0, bool)])):
                first, last = (self._places[rows[at]][1] for at in (run.start, run.stop - 1))
                yield Covered(
                    track.id,
                    max(track.frames.start, first - AROUND),
                    min(track.frames.stop - 1, last + AROUND),
                )

    def _seen(self, rows: npt.NDArray[np.intp]) -> covering.Seen:
        """What was noted of some frames, mapped: nothing is read before it is asked for."""
        notes = np.memmap(self._memory, np.float16, "r").reshape(len(self._places), -1)
        size = math.prod(covering.SHAPE)
        numbers = np.array([number for _, number in self._places], np.intp)
        return covering.Seen(
            notes[:, :size].reshape(-1, *covering.SHAPE), notes[:, size:], numbers, rows
        )


def _native(tracks: Sequence[FaceTrack]) -> tuple[int, int]:
    """Height and width of the pictures: most of the faces fit in without being made smaller."""
    boxes = np.array([with_chin(box) for track in tracks for box in track.boxes])  # (N, 4)
    height, width = (float(np.percentile(boxes[:, n + 2] - boxes[:, n], MOST_FIT)) for n in (1, 0))
    scale = min(1.0, TALLEST / height)
    # One pixel more, because boxes do not begin where pixels do.
    return math.ceil(height * scale) + 1, math.ceil(width * scale) + 1


def _taken(frame: Frame, box: Box, size: tuple[int, int]) -> tuple[Frame, Box]:
    """The face's part of the frame, and where the face is in it.

    Its pixels are the frame's own, because each resampling costs detail; only where the face is
    larger than the picture it is made smaller.
    """
    x0, y0, x1, y1 = box
    left, top = math.floor(x0), math.floor(y0)
    height, width = size
    if x1 - left > width or y1 - top > height:
        return to_bytes(resample(frame, box, size)), (0.0, 0.0, float(width), float(height))
    rows = np.clip(np.arange(top, top + height), 0, frame.shape[0] - 1)
    columns = np.clip(np.arange(left, left + width), 0, frame.shape[1] - 1)
    inner = tuple(round(value, 3) for value in (x0 - left, y0 - top, x1 - left, y1 - top))
    return np.ascontiguousarray(frame[rows[:, None], columns]), inner  # type: ignore[return-value]


def _inside(box: tuple[float, float, float, float], frame: Frame) -> bool:
    """True if the lower half of the face is all in the picture."""
    x0, y0, x1, y1 = box
    return x0 >= 0 and x1 <= frame.shape[1] and (y0 + y1) / 2 >= 0 and y1 <= frame.shape[0]


def _sharpness(picture: Frame, box: Box) -> float:
    """Variance of the Laplacian of the lower face's brightness, as it would be if the face were
    made to fill the picture: enlarged twice, a second difference is a quarter of what it was."""
    x0, y0, x1, y1 = (round(value) for value in box)
    lower = picture[y0 + round(_LOWER * (y1 - y0)) : y1, x0:x1]
    native = float(cv2.Laplacian(cv2.cvtColor(lower, cv2.COLOR_BGR2GRAY), cv2.CV_32F).var())
    return native * min(1.0, (y1 - y0) / (len(picture) - 1)) ** 4


def _runs(flags: npt.NDArray[np.bool_]) -> list[range]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [range(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
