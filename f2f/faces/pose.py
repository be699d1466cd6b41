"""How a head is held, from the five points of a detected face."""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]


def roll(points: Sequence[Point]) -> float:
    """By how much the head is tilted to its left shoulder, in radians; 0 where it is not known.

    Args:
        points: right eye, left eye, nose, and others, in pixels; x to the right, y down.
    """
    if len(points) < 2:
        return 0.0
    (right_x, right_y), (left_x, left_y) = points[:2]
    return math.atan2(left_y - right_y, left_x - right_x) if left_x != right_x else 0.0


def turn(points: Sequence[Point]) -> float:
    """How far the nose is from the middle between the eyes, in units of their distance; 0 where it
    is not known.  About 0.3 for a head turned by 30°, 0.7 for 50°, beyond 1 for a profile.
    """
    if len(points) < 3:
        return 0.0
    (right_x, right_y), (left_x, left_y), (nose_x, nose_y) = points[:3]
    across = left_x - right_x, left_y - right_y
    length = math.hypot(*across)
    if length < 1e-6:
        return 0.0
    away = nose_x - (right_x + left_x) / 2, nose_y - (right_y + left_y) / 2
    return (away[0] * across[0] + away[1] * across[1]) / length**2
