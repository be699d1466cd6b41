"""A bank picture bent onto a made mouth: where each pixel of the face is to be taken from.

Dense optical flow (DIS, Kroeger et al. 2016) on blurred brightness, smoothed: it moves lips and
jaw as a whole and leaves teeth and stubble in one piece.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from lipsync.crops import Floats, Image
from lipsync.own_mouth.descriptors import SIDE, blurred_grey

FINER = 2
"""Times the pixels of a ``SIDE`` face on which the flow is found."""

TOP = 3 / 8
"""Part of the face's height above which nothing is moved."""

BLUR = 2.0
"""Standard deviation in those finer pixels, before the flow: the made mouth holds no more."""

SMOOTH = 4.0
"""Standard deviation in those finer pixels, of the flow."""

FARTHEST = 0.08
"""Part of the face that a pixel may be moved: further is no lip but a mistake."""

CONTRAST = 50.0
"""Standard deviation of the bytes that the flow is found on: its thresholds are made for some."""


def flow_to(target: Image, picture: Image) -> Floats:
    """Where each pixel of a face that is wanted lies in a picture of the same person.

    Args:
        target: (S, S, 3) uint8 BGR, the face as it is to look.
        picture: (S', S', 3) uint8 BGR, the whole face of the bank.

    Returns:
        (SIDE, SIDE, 2) float32: x and y to add, as parts of the face's side; 0 above ``TOP``.
    """
    side = FINER * SIDE
    top = round(TOP * side)
    wanted, real = (_even(blurred_grey(face, side, BLUR)[top:]) for face in (target, picture))
    dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = cv2.GaussianBlur(dis.calc(wanted, real, None), (0, 0), SMOOTH) / np.float32(side)
    whole = np.zeros((SIDE, SIDE, 2), np.float32)
    lower = whole[round(TOP * SIDE) :]
    lower[:] = cv2.resize(flow, (SIDE, len(lower)), interpolation=cv2.INTER_AREA)
    # No step at the top: the flow sets in over a few rows.
    rise = min(8, len(lower))
    lower[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)[:, None, None]
    return np.clip(whole, -FARTHEST, FARTHEST, out=whole)


def _even(grey: Floats) -> Image:
    """Brightness as bytes, its mean and contrast made the same for all."""
    mean, deviation = float(grey.mean()), max(1.0, float(grey.std()))
    even: Image = np.clip((grey - mean) * (CONTRAST / deviation) + 128.0, 0, 255).astype(np.uint8)
    return even
