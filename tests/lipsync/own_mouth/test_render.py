"""Warp and blend: known shifts, known textures, and nothing outside the mask."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipsync.crops import crop, resample, to_bytes
from lipsync.errors import ShapeError
from lipsync.own_mouth.descriptors import SIDE, describe
from lipsync.own_mouth.render import Share, lip_mask, paste_own
from lipsync.own_mouth.warp import FARTHEST, TOP, flow_to
from tests.lipsync.own_mouth.faces import face

BOX = (40.0, 30.0, 240.0, 270.0)


def frame_with(picture: np.ndarray) -> np.ndarray:
    """A frame in which the face fills BOX."""
    frame = np.random.default_rng(1).integers(0, 255, (300, 280, 3), np.uint8)
    frame[30:270, 40:240] = cv2.resize(picture, (200, 240), interpolation=cv2.INTER_CUBIC)
    return frame


def sharpness(picture: np.ndarray) -> float:
    height, width = picture.shape[:2]
    middle = picture[round(0.62 * height) : round(0.85 * height), width // 3 : 2 * width // 3]
    return float(cv2.Laplacian(cv2.cvtColor(middle, cv2.COLOR_BGR2GRAY), cv2.CV_32F).var())


@pytest.mark.parametrize("shift", [-0.03, 0.02])
def test_a_known_shift_is_found(shift: float) -> None:
    flow = flow_to(face(0.4), face(0.4, shift=shift))
    assert flow.shape == (SIDE, SIDE, 2)
    lips = flow[62:80, 36:60]
    assert np.abs(np.median(lips[..., 0]) - shift) < 0.006
    assert np.abs(np.median(lips[..., 1])) < 0.006
    assert not flow[: round(TOP * SIDE)].any()
    assert np.abs(flow).max() <= FARTHEST


def test_outside_the_mask_nothing_changes_and_the_frame_is_left_alone() -> None:
    frame = frame_with(face(0.1, side=256))
    before = frame.copy()
    pasted = paste_own(frame, face(0.8), BOX, [Share(face(0.7, side=256))])
    assert np.array_equal(frame, before)
    mask, (top, left) = lip_mask(frame.shape[:2], BOX)
    whole = np.zeros(frame.shape[:2], bool)
    whole[top : top + mask.shape[0], left : left + mask.shape[1]] = mask > 0
    assert np.array_equal(pasted[~whole], frame[~whole])
    assert (pasted[whole] != frame[whole]).mean() > 0.3
    assert np.array_equal(pasted[: 30 + round(0.52 * 240)], frame[: 30 + round(0.52 * 240)])


def test_the_shape_is_the_made_mouths_and_the_detail_the_banks() -> None:
    """A blurred wide mouth over a shut one, shown by a sharp half-open picture."""
    shut, wide = face(0.0, side=256), face(0.9)
    made = cv2.GaussianBlur(wide, (0, 0), 2.0)
    picture = face(0.75, side=256, seed=7)
    frame = frame_with(shut)
    pasted = paste_own(frame, made, BOX, [Share(picture)])
    shown = crop(pasted, BOX, SIDE)
    (want,), _ = describe([wide])
    (got,), _ = describe([shown])
    (old,), _ = describe([face(0.0)])
    assert np.linalg.norm(got - want) < 0.35 < np.linalg.norm(old - want)
    native = to_bytes(resample(pasted, BOX, (256, 256)))
    real = to_bytes(resample(frame_with(face(0.9, side=256, seed=7)), BOX, (256, 256)))
    assert 0.6 < sharpness(native) / sharpness(real) < 1.4
    assert sharpness(native) > 3 * sharpness(cv2.resize(made, (256, 256)))


def test_the_light_is_the_frames() -> None:
    """A picture of a darker hour is brought to the light of the frame."""
    frame = frame_with(face(0.5, side=256))
    pasted = paste_own(frame, face(0.5), BOX, [Share(face(0.5, side=256, light=0.6))])
    inside = (slice(190, 250), slice(100, 180))
    difference = pasted[inside].astype(float).mean((0, 1)) - frame[inside].mean((0, 1))
    assert np.abs(difference).max() < 6


def test_two_pictures_meet_half_way() -> None:
    frame = frame_with(face(0.5, side=256))
    one, other = face(0.5, side=256, seed=3), face(0.5, side=256, seed=4)
    pure = [paste_own(frame, face(0.5), BOX, [Share(part)]).astype(int) for part in (one, other)]
    both = paste_own(frame, face(0.5), BOX, [Share(one, 0.5), Share(other, 0.5)])
    clear = np.all([(part > 3) & (part < 252) for part in pure], axis=0)  # nothing was clipped
    assert np.abs(both - 0.5 * (pure[0] + pure[1]))[clear].max() <= 1.5


@pytest.mark.parametrize("box", [(-50.0, -40.0, 120.0, 150.0), (200.0, 200.0, 420.0, 460.0)])
def test_a_face_may_stick_out_of_the_frame(box: tuple[float, ...]) -> None:
    frame = frame_with(face(0.5, side=256))
    assert paste_own(frame, face(0.2), box, [Share(face(0.4, side=128))]).shape == frame.shape


def test_a_box_out_of_the_picture_changes_nothing() -> None:
    frame = frame_with(face())
    pasted = paste_own(frame, face(), (500.0, 500.0, 600.0, 620.0), [Share(face())])
    assert np.array_equal(pasted, frame)


def test_no_picture_is_refused() -> None:
    with pytest.raises(ShapeError, match="picture"):
        paste_own(frame_with(face()), face(), BOX, [])
