"""Hands and microphones are found, wide mouths, turns and light are not taken for them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipsync.own_mouth.covering import Seen, bare, covered, lower_face
from lipsync.own_mouth.descriptors import describe
from tests.lipsync.own_mouth.faces import hand, speaking

FRAMES = 160
OVER = range(60, 85)


def microphone(picture: np.ndarray, frame: int) -> np.ndarray:
    shown = picture.copy()
    cv2.circle(shown, (50, 74), 16, (30, 30, 30), -1)
    return shown


def flags(pictures: list[np.ndarray]) -> np.ndarray:
    _, poses = describe(pictures)
    faces = np.stack([lower_face(picture) for picture in pictures])
    seen = Seen(faces, poses.astype(np.float16), np.arange(len(pictures)))
    known = seen.some()
    return covered(seen.all(), known, bare(known))


@pytest.mark.parametrize("thing", [hand, microphone])
def test_what_is_before_the_mouth_is_found_and_nothing_else(thing) -> None:
    pictures = [
        thing(speaking(frame), frame) if frame in OVER else speaking(frame)
        for frame in range(FRAMES)
    ]
    found = np.flatnonzero(flags(pictures))
    assert set(range(OVER.start + 2, OVER.stop - 2)) <= set(found.tolist())
    assert set(found.tolist()) <= set(range(OVER.start - 2, OVER.stop + 2))


def test_a_speaker_covers_nothing() -> None:
    assert not flags([speaking(frame) for frame in range(FRAMES)]).any()


def test_a_single_strange_frame_does_not_count() -> None:
    pictures = [speaking(frame) for frame in range(FRAMES)]
    pictures[70] = hand(pictures[70], 70)
    assert not flags(pictures).any()


def test_of_few_frames_nothing_is_expected() -> None:
    pictures = [
        hand(speaking(frame), frame) if frame > 10 else speaking(frame) for frame in range(30)
    ]
    assert not flags(pictures).any()


def test_samples_are_spread_evenly() -> None:
    faces = np.zeros((100, 12, 16, 3), np.float16)
    seen = Seen(faces, np.zeros((100, 4), np.float16), np.arange(100))
    assert seen.some(10).frames.tolist() == [0, 11, 22, 33, 44, 55, 66, 77, 88, 99]
