"""Where the detector is asked to look, and what comes of it; the detector here knows the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pytest

from f2f.config import Config, Faces
from f2f.faces.detection import find_tracks, watch
from f2f.roles import BackendInfo, Closing, Face, Frame
from f2f.types import FaceTracks

FPS = Fraction(25)
SIZE = 320
Truth = Callable[[int], tuple[Face, ...]]


class Oracle(Closing):
    """Reads the frame's number from its first pixels and answers from a table."""

    info: ClassVar[BackendInfo] = BackendInfo("oracle", "detection", "none", True)

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.asked: list[int] = []

    @classmethod
    def missing(cls, config: Config) -> str | None:
        return None

    def detect(self, frame: Frame) -> list[Face]:
        number = int(frame[0, 0, 0]) + 256 * int(frame[0, 0, 1])
        self.asked.append(number)
        return list(self.truth(number))


def video(count: int, cuts: tuple[int, ...] = ()) -> Iterator[Frame]:
    """Plain pictures; the background changes at each cut."""
    for number in range(count):
        colour = 60 + 150 * (sum(cut <= number for cut in cuts) % 2)
        frame = np.full((SIZE // 2, SIZE, 3), colour, np.uint8)
        frame[0, 0] = (number % 256, number // 256, 0)
        yield frame


def face(x: float, y: float = 80.0, score: float = 0.9) -> Face:
    return Face((x - 30, y - 40, x + 30, y + 40), score, ((x, y),))


def found(truth: Truth, count: int, cuts: tuple[int, ...] = ()) -> tuple[FaceTracks, Oracle]:
    oracle = Oracle(truth)
    return find_tracks(video(count, cuts), oracle, fps=FPS, options=Faces()), oracle


def test_a_still_face_costs_one_look_in_five() -> None:
    tracks, oracle = found(lambda n: (face(100),), 51)
    assert oracle.asked == list(range(0, 51, 5))
    assert [track.frames for track in tracks.tracks] == [range(51)]


def test_no_face_costs_no_more() -> None:
    tracks, oracle = found(lambda n: (), 51)
    assert (tracks.tracks, len(oracle.asked)) == ((), 11)


def test_where_a_face_comes_and_goes_is_found_to_the_frame() -> None:
    tracks, _ = found(lambda n: (face(100),) if 13 <= n < 37 else (), 60)
    assert [track.frames for track in tracks.tracks] == [range(13, 37)]


def test_fast_motion_and_falling_scores_are_looked_at_again() -> None:
    _, still = found(lambda n: (face(100),), 40)
    _, fast = found(lambda n: (face(60 + 5 * n),), 40)
    _, unsure = found(lambda n: (face(100, score=0.5 if 14 < n < 26 else 0.9),), 40)
    assert len(fast.asked) > 2 * len(still.asked)
    assert len(still.asked) < len(unsure.asked) < len(fast.asked)
    assert {13, 14, 26, 27} <= set(unsure.asked)


def test_a_turn_between_two_looks_is_followed() -> None:
    def swings(number: int) -> tuple[Face, ...]:
        return (face(100 + 60 * np.sin(number / 4)),)

    tracks, _ = found(swings, 80)
    (track,) = tracks.tracks
    middles = np.array([0.5 * (box[0] + box[2]) for box in track.boxes])
    truth = np.array([100 + 60 * np.sin(n / 4) for n in range(80)])
    assert np.abs(middles - truth).max() < 4.0  # 5% of the face; lag would show as 15 a frame


def test_nothing_crosses_a_cut() -> None:
    tracks, oracle = found(lambda n: (face(100 if n < 22 else 200),), 50, cuts=(22,))
    assert tracks.cuts == (0, 22)
    assert [(track.id, track.frames) for track in tracks.tracks] == [
        (0, range(22)),
        (1, range(22, 50)),
    ]
    assert {21, 22, 49} <= set(oracle.asked)
    assert tracks.tracks[0].boxes[-1][0] == pytest.approx(70)
    assert tracks.tracks[1].boxes[0][0] == pytest.approx(170)


def test_many_faces_keep_their_places() -> None:
    tracks, _ = found(lambda n: tuple(face(40 + 60 * k, 80) for k in range(5)), 30)
    assert sorted(round(track.boxes[15][0]) for track in tracks.tracks) == [10, 70, 130, 190, 250]


def test_boxes_are_in_the_pixels_of_the_source() -> None:
    """The detector sees the picture at half its size."""
    oracle = Oracle(lambda n: (face(100),))
    options = Faces(detection_side=SIZE // 2)
    frames = (np.full((SIZE // 2, SIZE, 3), 60, np.uint8) for _ in range(20))
    (track,) = find_tracks(frames, oracle, fps=FPS, options=options).tracks
    assert track.boxes[0] == pytest.approx((140, 80, 260, 240))


@pytest.mark.parametrize("count", [0, 1])
def test_short_videos(count: int) -> None:
    tracks, _ = found(lambda n: (face(100),), count)
    assert [len(track.boxes) for track in tracks.tracks] == [1] * count
    assert tracks.cuts == (0,)[:count]


def test_every_look_lies_in_its_shot() -> None:
    oracle = Oracle(lambda n: (face(100 + n),))
    shots = list(watch(video(60, (20, 41)), oracle, options=Faces()))
    assert [shot.frames for shot in shots] == [range(20), range(20, 41), range(41, 60)]
    for shot in shots:
        looked = [look.frame for look in shot.looks]
        assert looked == sorted(looked)
        assert (looked[0], looked[-1]) == (shot.frames.start, shot.frames.stop - 1)
