from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from lipsync.errors import ShapeError
from lipsync.own_mouth.descriptors import POSE_WEIGHT
from lipsync.own_mouth.selection import DiverseFew


def stream(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Mouths that wander about, as those of a speaker do."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(size=(count, 6)) * 0.3, axis=0)
    mouths, poses = np.tanh(walk[:, :4]), np.tanh(walk[:, 4:])
    return mouths.astype(np.float32), poses.astype(np.float32)


def kept_of(few: DiverseFew, mouths, poses, sharp) -> dict[int, int]:
    """Place → number of the mouth that lies there."""
    places: dict[int, int] = {}
    for number in range(len(mouths)):
        place = few.offer(mouths[number], poses[number], sharp[number])
        if place is not None:
            assert 0 <= place < few.room
            places[place] = number
    return {place: places[place] for place in few.kept()}


def test_what_is_kept_is_near_to_all_and_no_two_are_alike() -> None:
    mouths, poses = stream(2000)
    few = DiverseFew(60)
    kept = kept_of(few, mouths, poses, np.ones(2000))
    assert 15 <= len(kept) <= 60
    rows = np.hstack((mouths, POSE_WEIGHT * poses))
    chosen = rows[list(kept.values())]
    apart = cdist(chosen, chosen) + 9 * np.eye(len(chosen))
    assert apart.min() >= few.radius * 0.999
    # The bound of the doubling: every mouth has one within a constant times the radius.
    assert cdist(rows, chosen).min(1).max() <= 8 * few.radius
    # Not much worse than as many centres chosen with all of them known (Gonzalez, 1985).
    centres = [0]
    near = np.full(2000, np.inf)
    for _ in range(len(kept)):
        near = np.minimum(near, np.linalg.norm(rows - rows[centres[-1]], axis=1))
        centres.append(int(near.argmax()))
    assert cdist(rows, chosen).min(1).max() <= 3 * near.max()


def test_with_room_for_all_every_different_mouth_is_kept() -> None:
    mouths, poses = stream(50)
    kept = kept_of(DiverseFew(50), mouths, poses, np.ones(50))
    assert sorted(kept.values()) == list(range(50))


def test_of_two_alike_the_sharper_stays_whichever_comes_first() -> None:
    mouths, poses = stream(1)
    twice = np.repeat(mouths, 2, axis=0), np.repeat(poses, 2, axis=0)
    assert list(kept_of(DiverseFew(4), *twice, [1.0, 2.0]).values()) == [1]
    assert list(kept_of(DiverseFew(4), *twice, [2.0, 1.0]).values()) == [0]


def test_room_for_none_is_refused() -> None:
    with pytest.raises(ShapeError):
        DiverseFew(0)
