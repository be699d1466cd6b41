"""Cuts: where pictures change, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from f2f.faces.shots import NEIGHBOURS, mark_cuts
from f2f.roles import Frame


def shot(seed: int, count: int, *, pan: float = 0.0) -> Iterator[np.ndarray]:
    """A smooth random picture that may move sideways by `pan` pixels a frame, with noise."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(0, 255, (6, 40, 3))
    wide = np.repeat(np.repeat(coarse, 20, 0), 20, 1)
    for number in range(count):
        left = round(number * pan)
        noise = random.normal(0, 3, (120, 160, 3))
        yield np.clip(wide[:, left : left + 160] + noise, 0, 255).astype(np.uint8)


def find_cuts(frames: Iterable[Frame]) -> tuple[int, ...]:
    return tuple(index for index, (_, cut) in enumerate(mark_cuts(frames)) if cut)


def test_cuts_are_found_to_the_frame() -> None:
    frames = [*shot(1, 20), *shot(2, 13), *shot(3, 30)]
    assert find_cuts(frames) == (0, 20, 33)


def test_a_pan_is_no_cut() -> None:
    assert find_cuts(shot(4, 60, pan=8.0)) == (0,)


def test_a_cut_just_before_the_end_is_seen() -> None:
    assert find_cuts([*shot(1, 20), *shot(2, 1)]) == (0, 20)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_short_videos(count: int) -> None:
    assert find_cuts(shot(1, count)) == (0,)[:count]


def test_frames_are_streamed_in_order_and_unchanged() -> None:
    frames = list(shot(1, 12))
    taken = 0

    def stream() -> Iterator[np.ndarray]:
        nonlocal taken
        for frame in frames:
            taken += 1
            yield frame

    for number, (frame, _) in enumerate(mark_cuts(stream())):
        assert frame is frames[number]
        assert taken - number <= NEIGHBOURS + 1
    assert number == 11
