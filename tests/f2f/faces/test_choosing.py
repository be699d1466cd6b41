"""Which face a person means, by its number or by a place in the picture."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from f2f.config import load
from f2f.errors import ConfigError, InputError
from f2f.faces.active_speaker import Scene
from f2f.faces.choosing import Choice, cast_chosen
from f2f.faces.mouth_motion import Motion
from f2f.types import Box, FaceTrack, FaceTracks

LEFT, MIDDLE, RIGHT = (10.0, 50.0, 60.0, 110.0), (100.0, 50.0, 150.0, 110.0), (200.0, 40, 260, 120)
CLOTHES = {"red": 0, "green": 1, "blue": 2}


def track(number: int, first: int, count: int, box: Box) -> FaceTrack:
    return FaceTrack(number, first, (box,) * count, (0.9,) * count)


def scene(tracks: list[FaceTrack], cuts: tuple[int, ...] = (0,), **clothes: str) -> Scene:
    motion = {
        one.id: Motion(np.zeros(len(one.boxes)), np.eye(3)[CLOTHES[clothes[f"t{one.id}"]]])
        for one in tracks
        if f"t{one.id}" in clothes
    }
    return Scene(FaceTracks(tuple(tracks), cuts), (320, 240), Fraction(25), 200, motion)


def chosen(choice: Choice, where: Scene, **options: tuple[int, int]) -> list[int]:
    entries = cast_chosen(7, choice, where, **options).entries
    assert all(entry.segment_id == 7 for entry in entries)
    return [entry.track_id for entry in entries]


TOGETHER = scene([track(0, 0, 100, RIGHT), track(1, 0, 100, LEFT)])


def test_numbers_go_from_left_to_right() -> None:
    assert (chosen(1, TOGETHER), chosen(2, TOGETHER)) == ([1], [0])


def test_whoever_comes_later_has_a_later_number() -> None:
    later = scene([track(0, 0, 100, RIGHT), track(1, 30, 70, LEFT)])
    assert (chosen(1, later), chosen(2, later)) == ([0], [1])


def test_a_place_is_whoever_is_there() -> None:
    assert chosen((220.0, 100.0), TOGETHER) == [0]
    assert chosen((30.0, 60.0), TOGETHER) == [1]


def test_a_place_is_in_the_pixels_of_the_picture_that_was_given() -> None:
    assert chosen((2200.0, 1000.0), TOGETHER, original=(3200, 2400)) == [0]


def test_a_person_is_known_again_by_the_clothes() -> None:
    shots = [track(0, 0, 50, LEFT), track(1, 50, 50, RIGHT), track(2, 100, 50, MIDDLE)]
    where = scene(shots, (0, 50, 100), t0="red", t1="green", t2="red")
    assert (chosen(1, where), chosen(2, where)) == ([0, 2], [1])
    assert chosen((110.0, 60.0), where) == [0, 2]


def test_a_face_that_was_lost_within_a_shot_is_found_again() -> None:
    lost = [track(0, 0, 40, LEFT), track(1, 80, 40, LEFT)]
    assert chosen(1, scene(lost)) == [0, 1]
    assert chosen(1, scene(lost, (0, 60))) == [0]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (3, r"there is no face 3: seen are 1 at 35,80 from 0.0 s on; 2 at 230,80 from 0.0 s on$"),
        ((160.0, 200.0), r"there is no face at 160,200: seen are 1 at 35,80 from"),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(choice: Choice, message: str) -> None:
    with pytest.raises(InputError, match=message):
        chosen(choice, TOGETHER)


def test_without_any_face() -> None:
    with pytest.raises(InputError, match="none is seen at all"):
        chosen(1, scene([]))


@pytest.mark.parametrize(
    ("given", "face"),
    [("2", 2), ("300,200", (300, 200)), ("30.5, 20", (30.5, 20)), ("[300, 200]", (300, 200))],
)
def test_as_it_is_written(given: str, face: object) -> None:
    assert load(None, [f"faces.face={given}"]).faces.face == face
    if "[" not in given:
        assert load(None, (), {"faces.face": given}).faces.face == face


@pytest.mark.parametrize("given", ["0", "-1", "left", "1,2,3", "1.5", "true", "-5,10"])
def test_what_is_neither_number_nor_place_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match=r"faces\.face: .* is neither a face's number"):
        load(None, [f"faces.face={given}"])
