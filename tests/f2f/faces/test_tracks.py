"""Looks → tracks, on made-up detections with known truth."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from f2f.config import Faces
from f2f.faces.tracks import Look, link, shared, smooth
from f2f.roles import Face

FPS = Fraction(25)
OPTIONS = Faces()


def face(x: float, y: float, size: float = 80.0, score: float = 0.9) -> Face:
    half = size / 2
    return Face((x - half, y - half, x + half, y + half), score, ())


def centres(track: object) -> np.ndarray:
    boxes = np.array(track.boxes)  # type: ignore[attr-defined]
    return 0.5 * (boxes[:, :2] + boxes[:, 2:])


def test_a_face_that_moves_steadily_is_followed_without_lag() -> None:
    looks = [Look(n, (face(100 + 2 * n, 200 - n),)) for n in range(0, 51, 5)]
    (track,) = link(looks, range(51), fps=FPS, options=OPTIONS)
    assert track.frames == range(51)
    n = np.arange(51)
    assert np.allclose(centres(track), np.stack((100 + 2 * n, 200 - n), axis=1), atol=0.02)
    assert min(track.scores) == pytest.approx(0.9)


def test_two_faces_that_pass_each_other_stay_apart() -> None:
    """Two speeds, two sizes; at frame 25 the boxes overlap."""
    looks = [
        Look(n, (face(100 + 8 * n, 200, 100), face(500 - 8 * n, 260, 80))) for n in range(0, 51, 5)
    ]
    looks = [Look(look.frame, look.faces[:: 1 if n % 2 else -1]) for n, look in enumerate(looks)]
    tracks = link(looks, range(51), fps=FPS, options=OPTIONS)
    assert len(tracks) == 2
    for track in tracks:
        steps = np.diff(centres(track)[:, 0])
        assert np.all(steps > 0) or np.all(steps < 0)


def test_a_gap_is_bridged_and_its_score_is_zero() -> None:
    looks = [Look(n, () if 10 < n < 25 else (face(100 + n, 100),)) for n in range(40)]
    (track,) = link(looks, range(40), fps=FPS, options=OPTIONS)
    assert track.frames == range(40)
    assert track.boxes[18][0] == pytest.approx(100 + 18 - 40, abs=0.5)
    assert track.scores[18] == 0.0
    assert track.scores[30] == pytest.approx(0.9)


def test_after_a_long_absence_it_is_another_track() -> None:
    looks = [Look(n, () if 10 < n < 60 else (face(100, 100),)) for n in range(80)]
    tracks = link(looks, range(80), fps=FPS, options=OPTIONS)
    assert [track.frames for track in tracks] == [range(11), range(60, 80)]


def test_weak_faces_continue_a_track_but_begin_none() -> None:
    weak = [Look(n, (face(100, 100, score=0.5),)) for n in range(0, 40, 5)]
    assert link(weak, range(40), fps=FPS, options=OPTIONS) == []
    strong = [Look(0, (face(100, 100),)), *weak[1:]]
    (track,) = link(strong, range(40), fps=FPS, options=OPTIONS)
    assert track.frames == range(36)


def test_small_faces_and_flashes_are_left_out() -> None:
    small = [Look(n, (face(50, 50, size=20),)) for n in range(0, 40, 5)]
    assert link(small, range(40), fps=FPS, options=OPTIONS) == []
    flash = [Look(n, (face(50, 50),) if n == 20 else ()) for n in range(18, 23)]
    assert link(flash, range(40), fps=FPS, options=OPTIONS) == []


def test_a_shot_of_one_frame_has_its_face() -> None:
    (track,) = link([Look(7, (face(50, 50),))], range(7, 8), fps=FPS, options=OPTIONS)
    assert (track.frames, track.boxes[0]) == (range(7, 8), (10.0, 10.0, 90.0, 90.0))


def test_one_wild_box_does_not_shake_the_track() -> None:
    looks = [Look(n, (face(100, 100 + 15 * (n == 20)),)) for n in range(0, 41, 5)]
    (track,) = link(looks, range(41), fps=FPS, options=OPTIONS)
    assert np.abs(centres(track)[:, 1] - 100).max() < 0.01


def test_jitter_is_smoothed_and_a_jump_of_speed_has_no_phase() -> None:
    random = np.random.default_rng(0)
    still = np.tile([10.0, 10.0, 90.0, 90.0], (100, 1)) + random.normal(0, 1.5, (100, 4))
    assert np.diff(smooth(still, fps=FPS), axis=0).std() < 0.25 * np.diff(still, axis=0).std()
    ramp = np.abs(np.arange(-50, 51.0))[:, None] * np.ones(4) + [0, 0, 80, 80]
    bent = smooth(ramp, fps=FPS)
    assert np.allclose(bent, bent[::-1])  # the same seen backwards: neither lag nor lead


@given(st.integers(1, 60), st.floats(-20, 20), st.floats(-20, 20), st.floats(0.0, 0.4))
def test_straight_lines_pass_the_smoother(length: int, dx: float, dy: float, grow: float) -> None:
    n = np.arange(length, dtype=float)[:, None]
    line = np.hstack((10 + dx * n - grow * n, dy * n, 90 + dx * n + grow * n, 80 + dy * n))
    assert np.allclose(smooth(line, fps=FPS), line, atol=1e-6)


def test_shared() -> None:
    assert shared((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert shared((0, 0, 1, 1), (2, 2, 3, 3)) == 0.0


def test_tilt_and_turn_are_followed_between_the_looks() -> None:
    """The eyes' line tilts and the nose wanders, both steadily."""

    def seen(n: int) -> Face:
        eyes = (80.0, 90.0), (120.0, 90.0 + 0.4 * n)
        plain = face(100, 100)
        middle = 100.0, 90 + 0.2 * n
        return replace(plain, landmarks=(*eyes, (middle[0] + 0.3 * n, middle[1]), (0, 0), (0, 0)))

    looks = [Look(n, (seen(n),)) for n in range(0, 51, 5)]
    (track,) = link(looks, range(51), fps=FPS, options=OPTIONS)
    expected = np.arctan2(0.4 * np.arange(51), 40)
    assert np.allclose(track.rolls, expected, atol=0.01)
    assert track.turns[25] == pytest.approx(0.3 * 25 * 40 / (40**2 + 10**2), abs=0.01)
    (unknown,) = link([Look(0, (face(1, 1),))], range(1), fps=FPS, options=OPTIONS)
    assert (unknown.rolls, unknown.turns) == ((0.0,), (0.0,))
