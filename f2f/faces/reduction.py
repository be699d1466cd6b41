"""Pictures made smaller before something looks at them."""

from __future__ import annotations

import cv2
import numpy as np

from f2f.roles import Frame


def reduce(frame: Frame, side: int) -> tuple[Frame, float]:
    """`frame` with a long side of at most `side` pixels, and new over old size (at most 1)."""
    height, width = frame.shape[:2]
    scale = min(1.0, side / max(height, width))
    if scale == 1.0:
        return frame, 1.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8), scale
