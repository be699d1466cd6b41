"""Mouths that move and heads that only shake, drawn so that the truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from f2f.faces.mouth_motion import likeness, measure
from f2f.types import FaceTrack

WIDTH, HEIGHT, FRAMES = 400, 300, 60
TEXTURE = np.random.default_rng(0).uniform(120, 220, (16, 12)).astype(np.float32)


def person(
    canvas: np.ndarray, x: float, *, opening: float, shirt: tuple[int, int, int]
) -> tuple[float, float, float, float]:
    """Draw a face of 80×100 pixels at (x, 30) with its clothes; returns its box."""
    skin = cv2.resize(TEXTURE, (80, 100), interpolation=cv2.INTER_CUBIC)
    face = np.repeat(skin[..., None], 3, 2)
    cv2.ellipse(face, (40, 78), (16, max(1, round(opening))), 0, 0, 360, (20, 20, 60), -1)
    shift = np.array([[1, 0, x], [0, 1, 30]])
    mask = cv2.warpAffine(np.ones((100, 80), np.float32), shift, (WIDTH, HEIGHT))[..., None]
    moved = cv2.warpAffine(face, shift, (WIDTH, HEIGHT))
    canvas[:] = (canvas * (1 - mask) + moved * mask).astype(np.uint8)
    cv2.rectangle(canvas, (round(x) - 50, 140), (round(x) + 130, 299), shirt, -1)
    return (x, 30.0, x + 80, 130.0)


def scene(
    *people: tuple[Callable[[int], float], Callable[[int], float], tuple[int, int, int]],
) -> tuple[list[np.ndarray], list[FaceTrack]]:
    """Frames and true tracks; a person is (place by frame, mouth's opening by frame, shirt)."""
    frames, boxes = [], [[] for _ in people]
    for number in range(FRAMES):
        canvas = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
        for own, (place, opening, shirt) in zip(boxes, people, strict=True):
            own.append(person(canvas, place(number), opening=opening(number), shirt=shirt))
        frames.append(canvas)
    return frames, [
        FaceTrack(number, 0, tuple(own), (0.9,) * FRAMES) for number, own in enumerate(boxes)
    ]


def talking(number: int) -> float:
    return 5 + 4 * np.sin(number * 1.3)


def closed(_number: int) -> float:
    return 1.0


RED, GREEN = (40, 40, 200), (40, 160, 40)


def test_a_talking_mouth_moves_and_a_shaking_head_does_not() -> None:
    frames, tracks = scene(
        (lambda n: 60.0, talking, RED), (lambda n: 250 + 6 * np.sin(n / 2), closed, GREEN)
    )
    motion = measure(frames, tracks)
    assert motion[0].mouth.shape == (FRAMES,)
    assert motion[0].mouth.mean() > 5 * motion[1].mouth.mean()


def test_boxes_that_tremble_do_not_count() -> None:
    frames, (track,) = scene((lambda n: 150.0, talking, RED))
    random = np.random.default_rng(1)
    shaky = tuple(
        tuple(np.array(box) + random.normal(0, 0.5, 2)[[0, 1, 0, 1]]) for box in track.boxes
    )
    still = measure(frames, [track])[0].mouth
    trembling = measure(frames, [FaceTrack(0, 0, shaky, track.scores)])[0].mouth
    assert np.corrcoef(still, trembling)[0, 1] > 0.9


def test_people_are_known_by_their_clothes() -> None:
    frames, (one, other) = scene((lambda n: 60.0, talking, RED), (lambda n: 250.0, talking, GREEN))
    motion = measure(frames, [one, other])
    again, (moved, _) = scene((lambda n: 90.0, closed, RED), (lambda n: 280.0, closed, GREEN))
    assert likeness(motion[0], motion[1]) < 0.5
    assert likeness(motion[0], measure(again, [moved])[0]) > 0.9


def test_only_as_many_frames_as_needed_are_taken() -> None:
    frames, (track,) = scene((lambda n: 60.0, talking, RED))
    short = FaceTrack(0, 10, track.boxes[10:20], track.scores[10:20])
    taken = 0

    def stream() -> Iterator[np.ndarray]:
        nonlocal taken
        for frame in frames:
            taken += 1
            yield frame

    assert len(measure(stream(), [short])[0].mouth) == 10
    assert taken == 20


@pytest.mark.parametrize("box", [(-500.0, 0.0, -400.0, 100.0), (-30.0, -30.0, 50.0, 70.0)])
def test_a_box_out_of_the_picture_is_no_error(box: tuple[float, float, float, float]) -> None:
    frames = [np.full((HEIGHT, WIDTH, 3), 60, np.uint8)] * 5
    motion = measure(frames, [FaceTrack(0, 0, (box,) * 5, (0.9,) * 5)])[0]
    assert motion.mouth.max() == 0.0
