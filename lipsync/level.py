"""Tilted heads made upright, and what was changed of them put back.

Only the difference is turned back, so that a pixel which nothing has changed keeps its value, bit
for bit, and an unchanged detail is not resampled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from lipsync.crops import Box, Floats, Image, check_box, check_image, to_bytes
from lipsync.errors import ShapeError

MARGIN = 0.1
"""Of the box's width and height, shown on each side of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A face held upright."""

    picture: Image
    """The frame itself where the head is not tilted."""
    box: tuple[float, float, float, float]
    """Where the face is in the picture."""
    place: Floats | None
    """(2, 3), takes the picture's pixels to the frame's; None where they are the same."""


def level(frame: Image, box: Box, roll: float) -> Level:
    """A frame's face with its eyes on a level.

    Args:
        frame: (H, W, 3) uint8 BGR.
        box: about the face; its middle stays in the middle.
        roll: by how much the head is tilted, in radians, as the left eye is lower in the picture.

    Raises:
        ShapeError: no such frame, a box without area, or a roll that is not finite.
    """
    check_image("frame", frame)
    x0, y0, x1, y1 = check_box(box)
    if not math.isfinite(roll):
        raise ShapeError(f"a roll must be finite, got {roll}")
    if roll == 0.0:
        return Level(frame, (x0, y0, x1, y1), None)
    width, height = x1 - x0, y1 - y0
    columns, rows = (math.ceil(size * (1 + 2 * MARGIN)) for size in (width, height))
    cosine, sine = math.cos(roll), math.sin(roll)
    turn = np.array(((cosine, -sine), (sine, cosine)))
    middle = np.array(((x0 + x1) / 2 - 0.5, (y0 + y1) / 2 - 0.5))
    own = np.array(((columns - 1) / 2, (rows - 1) / 2))
    place = np.column_stack((turn, middle - turn @ own)).astype(np.float32)
    picture = cv2.warpAffine(
        frame,
        place,
        (columns, rows),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    left, top = (columns - width) / 2, (rows - height) / 2
    upright = np.asarray(picture, np.uint8)
    return Level(upright, (left, top, left + width, top + height), place)


def put_back(frame: Image, upright: Level, changed: Image) -> Image:
    """The frame with what was changed of its upright face.

    Args:
        frame: that ``upright`` was made of; left as it is.
        upright: from ``level``.
        changed: its picture with new pixels.

    Returns:
        A new frame, or ``changed`` itself where nothing was turned.
    """
    if upright.place is None:
        return changed
    rows, columns = changed.shape[:2]
    corners = np.array(((0, 0, 1), (columns, 0, 1), (0, rows, 1), (columns, rows, 1)), np.float32)
    seen = corners @ upright.place.T
    low = np.maximum(np.floor(seen.min(0)).astype(int), 0)
    high = np.minimum(np.ceil(seen.max(0)).astype(int) + 1, (frame.shape[1], frame.shape[0]))
    result = frame.copy()
    if (high <= low).any():
        return result
    place = upright.place.copy()
    place[:, 2] -= low
    difference = changed.astype(np.float32) - upright.picture
    width, height = (int(size) for size in high - low)
    turned = cv2.warpAffine(
        difference, place, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
    )
    part = result[low[1] : high[1], low[0] : high[0]]
    part[:] = to_bytes(part + turned)
    return result
