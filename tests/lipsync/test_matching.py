from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipsync.crops import Image, crop
from lipsync.matching import (
    LARGEST_SHARPENING,
    LARGEST_SHIFT,
    colour_shift,
    matched,
    sharpening,
)
from tests.lipsync.conftest import FACE_BOX

EVERYWHERE = np.ones((96, 96), np.float32)


@pytest.fixture
def face(photograph: Image) -> np.ndarray:
    return crop(photograph, FACE_BOX, 96).astype(np.float32)


def rim() -> np.ndarray:
    """A mask that is half way all over."""
    return np.full((96, 96), 0.5, np.float32)


def test_what_is_sharp_enough_is_left_alone(face: np.ndarray) -> None:
    assert not sharpening(face, face, EVERYWHERE).any()
    assert not sharpening(face, cv2.GaussianBlur(face, (0, 0), 1), EVERYWHERE).any()


def test_sharpening_is_of_brightness_only_and_bounded(face: np.ndarray) -> None:
    blurred = cv2.GaussianBlur(face, (0, 0), 2)
    added = sharpening(blurred, face, EVERYWHERE)
    assert added.shape == (96, 96, 1)  # the same in all colours
    grey = blurred @ np.array((0.114, 0.587, 0.299))
    padded = cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    kernel = np.outer((1, 2, 1), (1, 2, 1)) / 16
    fine = grey - cv2.filter2D(padded, -1, kernel)[1:-1, 1:-1]
    assert np.allclose(added[..., 0], LARGEST_SHARPENING * fine, atol=1e-3)


def test_only_what_is_under_the_mask_is_compared(face: np.ndarray) -> None:
    mask = np.zeros_like(EVERYWHERE)
    mask[60:, 20:76] = 1
    half = face.copy()
    half[:40] = cv2.GaussianBlur(face, (0, 0), 2)[:40]
    assert not sharpening(half, face, mask).any()
    assert sharpening(half, face, EVERYWHERE).any()


def test_a_plane_of_colour_is_found(face: np.ndarray) -> None:
    line = np.linspace(-1, 1, 96)
    plane = np.array((5.0, -3, 0)) + line[:, None, None] * (2, 0, 1) + line[:, None] * (0, 4, -1)
    shift = colour_shift(face, (face + plane).astype(np.float32), rim())
    assert np.abs(shift - plane).max() < 0.05


def test_too_large_a_shift_is_a_wrong_match(face: np.ndarray) -> None:
    shift = colour_shift(face, face + 100, rim())
    assert np.allclose(shift, LARGEST_SHIFT)


def test_nothing_to_compare_changes_nothing(face: np.ndarray) -> None:
    flat = np.full((96, 96, 3), 90, np.uint8)
    assert np.array_equal(matched(flat, flat, EVERYWHERE), flat)
    assert not colour_shift(face, face + 10, np.zeros_like(EVERYWHERE)).any()
