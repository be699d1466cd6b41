"""Whose pixels: own where they fit, the generator's where not, never changed inside a word."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from f2f.config import LipDetail
from f2f.lips.detail import ENOUGH, FADE, Detailer
from f2f.lips.mouths import Mouth
from f2f.lips.own_lips import Choice

FPS = Fraction(25)
RATE = 16_000
BOX = (0.0, 0.0, 10.0, 10.0)
GOOD, BAD = (0.3, 0.2), (1.2, 0.2)


def words(*spans: tuple[int, int]):
    """A tone in some runs of frames."""

    def listen(start: float, end: float) -> np.ndarray:
        clock = np.arange(round(start * RATE), round(end * RATE))
        frames = clock * 25 / RATE
        inside = np.any([(frames >= a) & (frames < b) for a, b in spans], axis=0)
        return (0.2 * inside * np.sin(clock * 0.1)).astype(np.float32)

    return listen


def decided(
    fits: list[tuple[float, float] | None],
    *,
    detail: LipDetail = "auto",
    spans: tuple[tuple[int, int], ...] = ((0, 1000),),
    pictures: int = 500,
    frames: list[int] | None = None,
) -> tuple[Mouth, ...]:
    numbers = frames or list(range(len(fits)))
    mouths = [Mouth(frame, BOX, 1.0, person=0) for frame in numbers]
    choices = {number: Choice(number, ((7, 1.0),), *fit) for number, fit in enumerate(fits) if fit}
    return Detailer(detail, choices, [pictures], words(*spans), FPS).decided(mouths)


def shares(mouths: tuple[Mouth, ...]) -> list[float]:
    return [mouth.own for mouth in mouths]


def test_a_good_bank_shows_everything() -> None:
    mouths = decided([GOOD] * 40)
    assert shares(mouths) == [1.0] * 40
    assert all(mouth.pictures == ((7, 1.0),) for mouth in mouths)


@pytest.mark.parametrize("pictures", [0, ENOUGH - 1])
def test_few_pictures_are_not_enough_for_auto(pictures: int) -> None:
    assert shares(decided([GOOD] * 40, pictures=pictures)) == [0.0] * 40
    assert shares(decided([GOOD] * 40, pictures=pictures, detail="own")) == [1.0] * 40


def test_the_generator_alone_when_asked_for() -> None:
    assert shares(decided([GOOD] * 40, detail="generator")) == [0.0] * 40


def test_a_word_that_fits_ill_is_the_generators_from_pause_to_pause() -> None:
    """Words in frames 0–20, 30–50 and 60–80; half of the second one's mouths fit ill."""
    fits = [BAD if 38 <= frame < 50 else GOOD for frame in range(80)]
    own = shares(decided(fits, spans=((0, 20), (30, 50), (60, 80))))
    assert own[:20] == [1.0] * 20 and own[60:] == [1.0] * 20
    assert own[30:50] == [0.0] * 20
    steps = np.abs(np.diff(own))
    assert 0 < steps.max() <= 1 / (2 * FADE + 1) + 1e-3  # smoothly
    assert not steps[[*range(19), *range(30, 49), *range(60, 79)]].any()  # in the pauses only


def test_the_closed_lips_of_a_stop_are_no_pause() -> None:
    """Three quiet frames (0.12 s) inside a word."""
    fits = [GOOD if frame < 20 else BAD for frame in range(50)]
    own = shares(decided(fits, spans=((0, 18), (21, 50))))
    assert len(set(own)) == 1


def test_a_few_bad_frames_do_not_matter() -> None:
    fits = [BAD if frame % 10 == 0 else GOOD for frame in range(50)]
    assert shares(decided(fits)) == [1.0] * 50


def test_a_pose_never_seen_is_the_generators() -> None:
    assert shares(decided([(0.3, 1.0)] * 30)) == [0.0] * 30


def test_without_a_choice_there_is_nothing_to_show() -> None:
    for detail in ("auto", "own"):
        mouths = decided([None] * 30, detail=detail)
        assert shares(mouths) == [0.0] * 30 and not mouths[0].pictures


def test_runs_are_judged_one_by_one() -> None:
    frames = [*range(20), *range(100, 120)]
    own = shares(decided([GOOD] * 20 + [BAD] * 20, frames=frames))
    assert own == [1.0] * 20 + [0.0] * 20
