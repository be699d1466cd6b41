"""The motion of a head from points that turn with it."""

from __future__ import annotations

import numpy as np
import pytest

from training.data.landmarks import HEAD, LIPS, RIGID, head_motion, similarity


def test_similarity_agrees_with_an_independent_solver() -> None:
    transform = pytest.importorskip("skimage.transform")
    rng = np.random.default_rng(0)
    source = rng.normal(size=(10, 2)).astype(np.float32)
    target = (2 * source[:, ::-1] + rng.normal(size=(10, 2))).astype(np.float32)
    oracle = transform.SimilarityTransform.from_estimate(source, target)
    np.testing.assert_allclose(similarity(source, target), oracle.params[:2], atol=1e-5)


def test_a_moving_mouth_does_not_turn_the_head() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(0, 112, (len(LIPS) + len(HEAD), 3)).astype(np.float32)
    talking = points.copy()
    talking[: len(LIPS)] += 5
    np.testing.assert_allclose(head_motion(points, talking), np.eye(2, 3), atol=1e-5)
    moved = points + np.float32([3, -2, 0])
    np.testing.assert_allclose(
        head_motion(points, moved), [[1, 0, 3], [0, 1, -2]], rtol=1e-4, atol=1e-4
    )
    assert len(RIGID) == 10
