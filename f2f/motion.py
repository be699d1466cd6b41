"""How much each face's mouth moves, and what its owner looks like, from streamed frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from f2f.backends import Frame
from f2f.types import Box, FaceTrack

Vector = npt.NDArray[np.float64]

MOUTH = (0.2, 0.62, 0.8, 1.0)
"""The mouth's part of a face's box: left, top, right, bottom."""
EYES = (0.1, 0.15, 0.9, 0.5)
"""The part above, which moves with the head and does not speak."""
CHEST = (-0.6, 1.15, 1.6, 2.0)
"""The clothes, by which a person is known again after a cut."""
PATCH = (32, 24)
"""Width and height in pixels at which the parts of a face are compared."""
LOOKS_EVERY = 10
"""Frames between two looks at the clothes."""
BINS = (12, 6, 6)
"""Steps of hue, saturation and lightness."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """One face over its track."""

    mouth: Vector
    """(frames,), mean change of the mouth's pixels beyond that of the eyes', at least 0."""
    looks: Vector
    """(bins,), colours of the clothes, summing to 1; all 0 where they are not in the picture."""


def measure(frames: Iterable[Frame], tracks: Iterable[FaceTrack]) -> Mapping[int, Motion]:
    """Track id → motion, in one pass over the frames of the video."""
    watched = {track.id: _Watched(track) for track in tracks}
    last = max((one.track.frames.stop for one in watched.values()), default=0)
    for index, frame in zip(range(last), frames, strict=False):
        for one in watched.values():
            if index in one.track.frames:
                one.see(index, frame)
    return {number: one.motion() for number, one in watched.items()}


def likeness(one: Motion, other: Motion) -> float:
    """0 for different clothes to 1 for the same (Bhattacharyya); 0 if either was not seen."""
    return float(np.sum(np.sqrt(one.looks * other.looks)))


class _Watched:
    """A track while its frames pass."""

    def __init__(self, track: FaceTrack) -> None:
        self.track = track
        self._before: tuple[Vector, Vector] | None = None
        self._mouth: list[float] = []
        self._looks: Vector = np.zeros(int(np.prod(BINS)))

    def see(self, index: int, frame: Frame) -> None:
        """The next frame of the track."""
        number = index - self.track.first_frame
        box = self.track.boxes[number]
        now = (_patch(frame, box, MOUTH), _patch(frame, box, EYES))
        if self._before is None:
            self._mouth.append(0.0)
        else:
            mouth, eyes = (
                float(np.mean(np.abs(new - old)))
                for new, old in zip(now, self._before, strict=True)
            )
            self._mouth.append(max(0.0, mouth - eyes))
        self._before = now
        if number % LOOKS_EVERY == 0:
            self._looks += _colours(frame, box)

    def motion(self) -> Motion:
        """What was seen."""
        total = self._looks.sum()
        looks = self._looks / total if total > 0 else self._looks
        return Motion(np.array(self._mouth), looks)


def _patch(frame: Frame, box: Box, part: tuple[float, float, float, float]) -> Vector:
    """A part of the face in grey with its own brightness taken out, PATCH large."""
    x0, y0, x1, y1 = _part(box, part)
    # The affine map takes sub-pixel positions: whole ones would make a still mouth tremble.
    scale = np.array([(x1 - x0) / PATCH[0], (y1 - y0) / PATCH[1]])
    matrix = np.array([[scale[0], 0, x0], [0, scale[1], y0]])
    top, bottom = max(0, int(y0) - 2), min(frame.shape[0], int(y1) + 3)
    left, right = max(0, int(x0) - 2), min(frame.shape[1], int(x1) + 3)
    if bottom <= top or right <= left:
        return np.zeros((PATCH[1], PATCH[0]))
    grey = cv2.cvtColor(frame[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    sigma = 0.4 * max(1.0, float(scale.max()))  # no finer than the patch can show
    grey = cv2.GaussianBlur(grey, (0, 0), sigma)
    matrix[:, 2] -= (left, top)
    patch = cv2.warpAffine(
        grey,
        matrix,
        PATCH,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float64)
    return np.asarray(patch - patch.mean())


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
