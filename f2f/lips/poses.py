"""What a head's pose means for its lips: tilted heads are made upright, profiles are left alone."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from f2f.types import FaceTrack

UPRIGHT = math.radians(6)
"""Tilts up to this are as common in what the generator was trained on as none: the face is not
resampled for their sake.  Of a larger one only the rest is taken out, so that nothing jumps."""
AWAY = 0.8
"""Turn beyond which half of the mouth is out of sight."""


def levelled_by(track: FaceTrack, index: int) -> float:
    """By how much the face in a frame of a track is turned upright, in radians."""
    if not track.rolls:
        return 0.0
    roll = track.rolls[index]
    return math.copysign(max(0.0, abs(roll) - UPRIGHT), roll) if abs(roll) > UPRIGHT else 0.0


def turned_away(track: FaceTrack) -> npt.NDArray[np.bool_]:
    """(frames,) of a track in which the face is a profile."""
    if not track.turns:
        return np.zeros(len(track.boxes), np.bool_)
    away: npt.NDArray[np.bool_] = np.abs(np.array(track.turns)) > AWAY
    return away
