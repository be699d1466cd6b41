from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from lipsync.errors import ShapeError
from lipsync.own_mouth.descriptors import MOUTH_NUMBERS, describe, distances
from tests.lipsync.own_mouth.faces import face


def test_light_contrast_and_size_do_not_count() -> None:
    plain = face(0.5)
    same = [
        face(0.5, light=0.7),
        face(0.5, side=192),
        np.clip(plain.astype(int) // 2 + 60, 0, 255).astype(np.uint8),
    ]
    mouths, poses = describe([plain, *same])
    other = describe([face(0.0)])[0]
    for number in range(1, 4):
        assert np.linalg.norm(mouths[number] - mouths[0]) < 0.25
        assert np.linalg.norm(poses[number] - poses[0]) < 0.25
    assert np.linalg.norm(other - mouths[0]) > 0.5


def test_a_mouth_is_told_by_its_opening_and_a_pose_by_the_head() -> None:
    shut, half, wide, aside = (face(0.0), face(0.5), face(1.0), face(0.0, shift=0.06))
    mouths, poses = describe([shut, half, wide, aside])
    assert mouths.shape == (4, MOUTH_NUMBERS)
    assert np.linalg.norm(mouths[0] - mouths[1]) < np.linalg.norm(mouths[0] - mouths[2])
    assert np.linalg.norm(poses[0] - poses[2]) < 0.1 < np.linalg.norm(poses[0] - poses[3])


def test_nothing_to_see_is_no_direction() -> None:
    mouths, poses = describe([np.full((96, 96, 3), 128, np.uint8)])
    assert not mouths.any() and not poses.any()


def test_distances_are_scipys() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(5, 7)), rng.normal(size=(3, 7))
    found = distances(one.astype(np.float32), other.astype(np.float32))
    assert np.allclose(found, cdist(one, other), atol=1e-5)


def test_no_face_and_no_square_are_refused() -> None:
    with pytest.raises(ShapeError):
        describe([])
    with pytest.raises(ShapeError):
        describe([np.zeros((96, 90, 3), np.uint8)])
