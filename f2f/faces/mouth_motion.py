"""How much each face's mouth moves, and what its owner looks like, from streamed frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from f2f.roles import Frame
from f2f.types import Box, FaceTrack

Vector = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]
"""(rows, columns), grey."""

FACE = (0.0, 0.0, 1.0, 1.1)
"""What is compared, as parts of a face's box: left, top, right, bottom."""
SIZE = (64, 88)
"""Width and height in pixels at which it is compared."""
MOUTH = (slice(50, 80), slice(14, 50))
"""Rows and columns of the mouth in it."""
EYES = (slice(10, 44), slice(6, 58))
"""The part above, which moves with the head and does not speak."""
LARGEST_SHIFT = 4.0
"""Pixels; a larger shift between two frames is no head but a mistake."""
CHEST = (-0.6, 1.15, 1.6, 2.0)
"""The clothes, by which a person is known again after a cut."""
LOOKS_EVERY = 10
"""Frames between two looks at the clothes."""
BINS = (12, 6, 6)
"""Steps of hue, saturation and lightness."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """One face over its track."""

    mouth: Vector
    """(frames,), mean change of the mouth's pixels beyond that of the eyes', at least 0, after the
    head's own shift is taken out."""
    looks: Vector
    """(bins,), colours of the clothes, summing to 1; all 0 where they are not in the picture."""


def measure(frames: Iterable[Frame], tracks: Iterable[FaceTrack]) -> Mapping[int, Motion]:
    """Track id → motion, in one pass over the frames of the video."""
    watched = {track.id: _Watched(track) for track in tracks}
    last = max((mouth.track.frames.stop for mouth in watched.values()), default=0)
    for index, frame in zip(range(last), frames, strict=False):
        for mouth in watched.values():
            if index in mouth.track.frames:
                mouth.see(index, frame)
    return {number: mouth.motion() for number, mouth in watched.items()}


def likeness(one: Motion, other: Motion) -> float:
    """0 for different clothes to 1 for the same (Bhattacharyya); 0 if either was not seen."""
    return float(np.sum(np.sqrt(one.looks * other.looks)))


class _Watched:
    """A track while its frames pass."""

    def __init__(self, track: FaceTrack) -> None:
        self.track = track
        self._before: Picture | None = None
        self._mouth: list[float] = []
        self._looks: Vector = np.zeros(int(np.prod(BINS)))

    def see(self, index: int, frame: Frame) -> None:
        """The next frame of the track."""
        number = index - self.track.first_frame
        box = self.track.boxes[number]
        now = _picture(frame, box)
        self._mouth.append(0.0 if self._before is None else _change(self._before, now))
        self._before = now
        if number % LOOKS_EVERY == 0:
            self._looks += _colours(frame, box)

    def motion(self) -> Motion:
        """What was seen."""
        total = self._looks.sum()
        looks = self._looks / total if total > 0 else self._looks
        return Motion(np.array(self._mouth), looks)


def _picture(frame: Frame, box: Box) -> Picture:
    """A face in grey, SIZE large; sub-pixel exact, or a still mouth would seem to tremble."""
    x0, y0, x1, y1 = _part(box, FACE)
    across, down = (x1 - x0) / SIZE[0], (y1 - y0) / SIZE[1]
    top, bottom = max(0, int(y0) - 2), min(frame.shape[0], int(y1) + 3)
    left, right = max(0, int(x0) - 2), min(frame.shape[1], int(x1) + 3)
    if bottom <= top or right <= left:
        return np.zeros((SIZE[1], SIZE[0]), np.float32)
    grey = cv2.cvtColor(frame[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    grey = cv2.GaussianBlur(grey, (0, 0), 0.5 * max(1.0, across, down))
    matrix = np.array([[across, 0, x0 - left], [0, down, y0 - top]])
    return _warped(grey.astype(np.float32), matrix)


def _change(before: Picture, now: Picture) -> float:
    """How much the mouth changed, beyond what the eyes did, once the head is held still."""
    window = cv2.createHanningWindow(
        (EYES[1].stop - EYES[1].start, EYES[0].stop - EYES[0].start), cv2.CV_32F
    )
    (dx, dy), _ = cv2.phaseCorrelate(before[EYES].copy(), now[EYES].copy(), window)
    if max(abs(dx), abs(dy)) <= LARGEST_SHIFT:
        now = _warped(now, np.array([[1, 0, dx], [0, 1, dy]]))
    mouth, eyes = (_difference(before[part], now[part]) for part in (MOUTH, EYES))
    return max(0.0, mouth - eyes)


def _difference(one: Picture, other: Picture) -> float:
    """Mean absolute difference; brightness as a whole does not count."""
    return float(np.mean(np.abs((one - one.mean()) - (other - other.mean()))))


def _warped(picture: Picture, matrix: Vector) -> Picture:
    """SIZE large; `matrix` (2, 3) leads from the result's pixels to the picture's."""
    warped = cv2.warpAffine(
        picture,
        matrix,
        SIZE,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(warped, np.float32)


def _colours(frame: Frame, box: Box) -> Vector:
    """A histogram of the clothes' colours."""
    x0, y0, x1, y1 = _part(box, CHEST)
    height, width = frame.shape[:2]
    left, right = max(0, int(x0)), min(width, int(x1))
    top, bottom = max(0, int(y0)), min(height, int(y1))
    if bottom - top < 4 or right - left < 4:
        return np.zeros(int(np.prod(BINS)))
    hsv = cv2.cvtColor(frame[top:bottom:2, left:right:2], cv2.COLOR_BGR2HSV)
    counts = cv2.calcHist([hsv], [0, 1, 2], None, list(BINS), [0, 180, 0, 256, 0, 256])
    return np.asarray(counts / counts.sum(), np.float64).ravel()


def _part(box: Box, part: tuple[float, float, float, float]) -> Box:
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    return (
        x0 + part[0] * width,
        y0 + part[1] * height,
        x0 + part[2] * width,
        y0 + part[3] * height,
    )
