"""Tilted heads are made upright and put back where they were."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy.ndimage import rotate

from lipsync.errors import ShapeError
from lipsync.level import level, put_back

RANDOM = np.random.default_rng(0)
FRAME = cv2.GaussianBlur(RANDOM.integers(0, 255, (200, 240, 3), np.uint8), (0, 0), 3)
BOX = (70.0, 50.0, 150.0, 150.0)


def test_an_upright_head_is_the_frame_itself() -> None:
    upright = level(FRAME, BOX, 0.0)
    assert upright.picture is FRAME and upright.box == BOX
    assert put_back(FRAME, upright, FRAME) is FRAME


@pytest.mark.parametrize("roll", [-0.5, 0.3])
def test_the_picture_is_scipys_rotation(roll: float) -> None:
    """About the middle of the box, the left eye brought up if it was lower."""
    square = FRAME[:, 10:210]  # the box's middle is the middle of this square
    expected = rotate(square, np.degrees(roll), reshape=False, order=3, mode="nearest")
    upright = level(FRAME, BOX, roll)
    x0, y0, x1, y1 = (round(value) for value in upright.box)
    found = upright.picture[y0:y1, x0:x1].astype(int)
    inner = expected[50:150, 60:140].astype(int)
    assert found.shape == inner.shape
    assert np.abs(found - inner)[5:-5, 5:-5].mean() < 1.0


@pytest.mark.parametrize("roll", [-0.4, 0.25])
def test_only_what_was_changed_comes_back(roll: float) -> None:
    upright = level(FRAME, BOX, roll)
    assert np.array_equal(put_back(FRAME, upright, upright.picture), FRAME)
    changed = upright.picture.copy()
    x0, y0, x1, y1 = upright.box
    middle = round((y0 + y1) / 2), round((x0 + x1) / 2)
    cv2.circle(changed, (middle[1], middle[0]), 12, (255, 255, 255), -1)
    result = put_back(FRAME, upright, changed)
    ys, xs = np.mgrid[: FRAME.shape[0], : FRAME.shape[1]]
    radius = np.hypot(xs - 109.5, ys - 99.5)
    assert np.array_equal(result[radius > 16], FRAME[radius > 16])
    assert (result[radius < 9] > 250).mean() > 0.95
    assert not np.array_equal(result, FRAME)


def test_a_face_at_the_edge_of_the_picture() -> None:
    box = (-30.0, 120.0, 60.0, 230.0)
    upright = level(FRAME, box, 0.3)
    result = put_back(FRAME, upright, np.zeros_like(upright.picture))
    assert result.shape == FRAME.shape and result[150, 10].sum() == 0
    outside = level(FRAME, (400.0, 400.0, 440.0, 450.0), 0.3)
    changed = np.zeros_like(outside.picture)
    assert np.array_equal(put_back(FRAME, outside, changed), FRAME)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ShapeError):
        level(FRAME, BOX, float("nan"))
    with pytest.raises(ShapeError):
        level(FRAME, (0, 0, 0, 10), 0.1)
