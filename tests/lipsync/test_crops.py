from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from lipsync.crops import Image, crop, resample, with_chin, with_pose_prior
from lipsync.errors import ShapeError


def test_a_box_of_the_models_size_is_copied(photograph: Image) -> None:
    assert np.array_equal(crop(photograph, (100, 50, 196, 146), 96), photograph[50:146, 100:196])


def test_growing_equals_opencvs_bilinear(photograph: Image) -> None:
    part = photograph[80:120, 200:250].astype(np.float32)
    ours = resample(part, (0, 0, 50, 40), (96, 96))
    theirs = cv2.resize(part, (96, 96), interpolation=cv2.INTER_LINEAR)
    assert np.abs(ours - theirs).max() < 0.2  # OpenCV's weights are rounded


def test_shrinking_does_not_alias() -> None:
    stripes = np.tile(np.array([[0], [255]], np.uint8), (200, 400))[..., None].repeat(3, 2)
    small = crop(stripes, (0, 0, 400, 400), 96)
    assert small.min() > 100 and small.max() < 155


def test_shrinking_keeps_the_picture_in_place() -> None:
    ramp = np.broadcast_to(np.arange(0, 240, dtype=np.uint8)[None, :, None], (240, 240, 3)).copy()
    columns = resample(ramp, (24, 24, 216, 216), (96, 96))[48, :, 0]
    assert np.allclose(columns, 24 + (np.arange(96) + 0.5) * 2 - 0.5, atol=1e-3)


def test_a_fraction_of_a_pixel_moves_the_picture_by_that_fraction() -> None:
    ramp = np.broadcast_to(np.arange(0, 200, dtype=np.uint8)[None, :, None], (200, 200, 3)).copy()
    here, there = (resample(ramp, (40 + d, 40, 136 + d, 136), (96, 96)) for d in (0, 0.25))
    assert np.allclose(there - here, 0.25, atol=1e-4)


@pytest.mark.parametrize(
    "box", [(-40, -30, 60, 70), (480, 470, 560, 540), (600, 600, 700, 700), (-9, 5, -1, 9)]
)
def test_boxes_that_stick_out_repeat_the_edge(
    photograph: Image, box: tuple[float, float, float, float]
) -> None:
    bordered = cv2.copyMakeBorder(photograph, 300, 300, 300, 300, cv2.BORDER_REPLICATE)
    inside = tuple(v + 300 for v in box)
    ours, theirs = crop(photograph, box, 96), crop(bordered, inside, 96)
    assert np.abs(ours.astype(int) - theirs).max() <= 1  # a half may round either way


@pytest.mark.parametrize("scale", [0.5, 1, 4])
def test_the_room_for_the_chin_grows_with_the_face(scale: float) -> None:
    found = with_chin([scale * value for value in (10, 20, 110, 120)])
    assert found == pytest.approx([scale * value for value in (10, 20, 110, 127)])
    with pytest.raises(ShapeError):
        with_chin((10, 20, 30, 20))


def test_pose_prior_hides_the_lower_half_of_the_first_face_only() -> None:
    faces, references = torch.rand(2, 5, 3, 96, 96), torch.rand(2, 5, 3, 96, 96)
    six = with_pose_prior(faces, references)
    assert six.shape == (2, 5, 6, 96, 96)
    assert torch.equal(six[:, :, :3, :48], faces[..., :48, :])
    assert (six[:, :, :3, 48:] == 0).all()
    assert torch.equal(six[:, :, 3:], references)
    assert faces.min() >= 0 and (faces[..., 48:, :] > 0).any()  # the input is left as it is


@pytest.mark.parametrize(
    "box", [(0, 0, 0, 10), (10, 0, 0, 10), (0, 0, float("nan"), 1), (0, 0, 1, float("inf")), (1, 2)]
)
def test_boxes_without_area_are_refused(photograph: Image, box: tuple[float, ...]) -> None:
    with pytest.raises(ShapeError, match="box"):
        crop(photograph, box, 96)


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
        np.zeros((0, 10, 3), np.uint8),
    ],
)
def test_other_frames_are_refused(frame: Image) -> None:
    with pytest.raises(ShapeError, match="frame"):
        crop(frame, (0, 0, 5, 5), 96)
