"""The path against a search of all paths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lipsync.errors import ShapeError
from lipsync.own_mouth.matching import BARRED, Looks, fitting
from lipsync.own_mouth.path import DISTANCE, JUMP, Candidates, best_path


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def cost_of(path: tuple[int, ...], found: Candidates, moved, mouths, follows) -> float:
    """The definition, one step after the other."""
    total = 0.0
    for frame, at in enumerate(path):
        total += found.costs[frame, at]
        if frame:
            before = found.pictures[frame - 1, path[frame - 1]]
            now = found.pictures[frame, at]
            if now != before and now != follows[before]:
                apart = np.linalg.norm(mouths[before] - mouths[now])
                total += JUMP + DISTANCE * max(0.0, apart - moved[frame])
    return total


@pytest.mark.parametrize("seed", range(6))
def test_no_path_is_cheaper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mouths = unit(rng.normal(size=(9, 4)))
    follows = np.array([1, 2, -1, 4, 5, -1, 7, 8, -1])
    found = Candidates(rng.integers(0, 9, (5, 4)), (rng.random((5, 4)) * 2).astype(np.float32))
    moved = rng.random(5).astype(np.float32)
    chosen = best_path(found, moved, mouths, follows)
    costs = {
        path: cost_of(path, found, moved, mouths, follows)
        for path in itertools.product(range(4), repeat=5)
    }
    best = min(costs, key=lambda path: costs[path])
    ways = [found.pictures[frame, at] for frame, at in enumerate(best)]
    assert chosen.tolist() == ways


def test_a_barred_frame_is_never_chosen_and_nothing_left_is_an_error() -> None:
    mouths = unit(np.eye(2))
    found = Candidates(np.array([[0, 1]]), np.array([[np.inf, 5.0]], np.float32))
    none = np.full(2, -1)
    assert best_path(found, np.zeros(1, np.float32), mouths, none).tolist() == [1]
    barred = Candidates(found.pictures, np.full((1, 2), np.inf, np.float32))
    with pytest.raises(ShapeError, match="candidate"):
        best_path(barred, np.zeros(1, np.float32), mouths, none)


def looks(count: int, seed: int = 0) -> Looks:
    rng = np.random.default_rng(seed)
    return Looks(
        unit(rng.normal(size=(count, 6))),
        unit(rng.normal(size=(count, 5))),
        np.arange(count),
        np.zeros(count, np.float32),
    )


def test_the_old_mouth_cannot_come_back() -> None:
    bank = looks(100)
    frames = np.arange(40, 60)
    found = fitting(bank, bank.mouths[frames], bank.poses[frames], frames)
    allowed = np.isfinite(found.costs)
    near = np.abs(found.pictures - frames[:, None]) <= BARRED
    assert not (near & allowed).any()
    assert allowed.any(1).all()


def test_the_best_fit_is_the_first_candidate_and_neighbours_lend_theirs() -> None:
    bank = looks(100)
    frames = np.arange(300, 310)
    found = fitting(bank, bank.mouths[:10], bank.poses[:10], frames)
    assert found.pictures[:, 0].tolist() == list(range(10))
    assert np.allclose(found.costs[:, 0], 0, atol=2e-3)
    for frame in range(1, 9):
        assert {frame - 1, frame, frame + 1} <= set(found.pictures[frame].tolist())


def test_a_soft_picture_gives_way_to_a_sharp_one() -> None:
    bank = looks(60)
    twice = Looks(
        np.concatenate((bank.mouths[:1], bank.mouths)),
        np.concatenate((bank.poses[:1], bank.poses)),
        np.arange(61),
        np.array([0.5] + [0.0] * 60, np.float32),
    )
    frames = np.array([500])
    assert fitting(twice, bank.mouths[:1], bank.poses[:1], frames).pictures[0, 0] == 1


def test_the_next_frame_is_found_by_its_number() -> None:
    bank = Looks(
        np.zeros((4, 2), np.float32),
        np.zeros((4, 2), np.float32),
        np.array([10, 11, 13, 14]),
        np.zeros(4, np.float32),
    )
    assert bank.follows().tolist() == [1, -1, 3, -1]
