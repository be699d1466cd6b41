"""Tilt and turn of a head whose points are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from f2f.faces.pose import roll, turn

FRONTAL = np.array([(-30.0, 0.0, 0.0), (30.0, 0.0, 0.0), (0.0, 35.0, 25.0)])
"""Right eye, left eye and nose in the head's own axes: x to the right of the picture, y down, z to
the camera."""


def seen(tilt: float = 0.0, yaw: float = 0.0, scale: float = 1.0) -> list[tuple[float, float]]:
    """The points as a far camera sees them."""
    around = np.array(
        ((math.cos(yaw), 0, math.sin(yaw)), (0, 1, 0), (-math.sin(yaw), 0, math.cos(yaw)))
    )
    plane = np.array(((math.cos(tilt), -math.sin(tilt)), (math.sin(tilt), math.cos(tilt))))
    points = ((FRONTAL @ around.T)[:, :2] @ plane.T) * scale + (200, 100)
    return [(float(x), float(y)) for x, y in points]


@pytest.mark.parametrize("tilt", [-0.6, -0.1, 0.0, 0.4])
@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_a_tilt_is_found_and_is_no_turn(tilt: float, scale: float) -> None:
    assert roll(seen(tilt, scale=scale)) == pytest.approx(tilt)
    assert turn(seen(tilt, scale=scale)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("tilt", [-0.3, 0.0, 0.3])
def test_a_turn_grows_and_has_a_side(tilt: float) -> None:
    turns = [turn(seen(tilt, math.radians(angle))) for angle in (-50, -30, 0, 30, 50, 70)]
    assert turns == sorted(turns)
    assert turns[0] == pytest.approx(-turns[4])
    assert 0.2 < turns[3] < 0.35 and turns[5] > 1


def test_unknown_points_say_nothing() -> None:
    assert roll(()) == turn(()) == 0.0
    assert turn([(1.0, 1.0), (1.0, 1.0), (5.0, 5.0)]) == 0.0
