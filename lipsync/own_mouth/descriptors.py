"""What a mouth and a head's pose look like, as vectors that can be compared.

Brightness alone, blurred to what a generator's pixels hold, without its mean and contrast: light
and colour are brought over later, shape cannot be.  The distance of two mouths is the L2 distance
of their unit vectors, in 0..2.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lipsync.crops import Floats, Image, check_image
from lipsync.errors import ShapeError

SIDE = 96
"""Pixels of the faces that are described, whatever the generator's size."""

MOUTH = (slice(50, 92), slice(20, 76))
"""Rows and columns that the lips, the teeth and the chin are in."""

POSE = (slice(14, 53), slice(9, 87))
"""Rows and columns of eyes and nose: they turn with the head, and no word moves them."""

BLUR = 1.4
"""Standard deviation in pixels: about what a generator leaves out."""

STEP = 2, 3
"""One pixel in so many is kept of mouth and pose."""

POSE_WEIGHT = 0.5
"""Of the pose's distance beside the mouth's."""

FLATTEST = 1.0
"""Contrast in 1/255 below which a window has no shape that could be compared."""


def describe(faces: Sequence[Image]) -> tuple[Floats, Floats]:
    """Mouth and pose of some faces.

    Args:
        faces: (S, S, 3) uint8 BGR, from ``lipsync.crops.crop``.

    Returns:
        (N, M) and (N, P) float32, each row of length 1, or 0 where nothing is to be seen.

    Raises:
        ShapeError: a face that is no square picture.
    """
    mouths, poses = [], []
    for face in faces:
        check_image("face", face, side=face.shape[0])
        grey = blurred_grey(face)
        mouths.append(_unit(grey[MOUTH][:: STEP[0], :: STEP[0]]))
        poses.append(_unit(grey[POSE][:: STEP[1], :: STEP[1]]))
    if not mouths:
        raise ShapeError("there is no face to describe")
    return np.stack(mouths), np.stack(poses)


def blurred_grey(face: Image, side: int = SIDE, blur: float = BLUR) -> Floats:
    """(S, S, 3) uint8 BGR to the (side, side) float32 brightness, blurred."""
    grey = resized(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), side)
    result: Floats = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), blur)
    return result


def resized(face: Image, side: int) -> Image:
    """A face of any size as a square of another, (side, side) and its channels."""
    if face.shape[:2] == (side, side):
        return face
    how = cv2.INTER_AREA if face.shape[0] > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(face, (side, side), interpolation=how), np.uint8)


def distances(one: Floats, other: Floats) -> Floats:
    """(N, D) and (M, D) rows to their (N, M) L2 distances."""
    square = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * (one @ other.T)
    result: Floats = np.sqrt(np.maximum(square, 0.0, out=square), out=square)
    return result


def _unit(window: Floats) -> Floats:
    """A window as a vector without its mean and its length."""
    flat = window.ravel() - window.mean()
    length = float(np.linalg.norm(flat))
    if length < FLATTEST * np.sqrt(flat.size):
        return np.zeros_like(flat)
    unit: Floats = flat / np.float32(length)
    return unit


def _count(window: tuple[slice, slice], step: int) -> int:
    """Numbers that describe a window."""
    rows, columns = (len(range(part.start, part.stop, step)) for part in window)
    return rows * columns


MOUTH_NUMBERS = _count(MOUTH, STEP[0])
"""M, the numbers that describe a mouth."""
