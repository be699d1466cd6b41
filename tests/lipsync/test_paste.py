from __future__ import annotations

import numpy as np
import pytest

from lipsync.crops import Image, crop
from lipsync.errors import ShapeError
from lipsync.paste import mouth_mask, paste, unsharp
from tests.lipsync.conftest import FACE_BOX

LIPS = np.array([[205.0, 140.0], [245.0, 140.0], [225.0, 152.0], [225.0, 134.0]])


def whole_mask(frame: Image, box: tuple[float, ...], landmarks: np.ndarray | None) -> np.ndarray:
    mask, (top, left) = mouth_mask(frame.shape[:2], box, landmarks=landmarks)
    whole = np.zeros(frame.shape[:2], np.float32)
    whole[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    return whole


@pytest.mark.parametrize("landmarks", [None, LIPS], ids=["box", "landmarks"])
@pytest.mark.parametrize("side", [96, 192])
def test_pixels_outside_the_mask_are_untouched(
    photograph: Image, landmarks: np.ndarray | None, side: int
) -> None:
    mouth = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    before = photograph.copy()
    result = paste(photograph, mouth, FACE_BOX, landmarks=landmarks)
    mask = whole_mask(photograph, FACE_BOX, landmarks)
    assert np.array_equal(photograph, before)
    assert np.array_equal(result[mask == 0], photograph[mask == 0])
    assert (result[mask > 0.5] != photograph[mask > 0.5]).any(1).mean() > 0.9
    assert (mask > 0).mean() < 0.05


def test_only_the_lower_half_of_the_generated_face_is_used(photograph: Image) -> None:
    mouth = crop(photograph, FACE_BOX, 96)
    other = mouth.copy()
    other[:46] = 255  # two rows above the middle still lend to its interpolation
    assert np.array_equal(paste(photograph, mouth, FACE_BOX), paste(photograph, other, FACE_BOX))
    middle = (FACE_BOX[1] + FACE_BOX[3]) / 2
    result = paste(photograph, 255 - mouth, FACE_BOX)
    changed = np.nonzero((result != photograph).any(2))[0]
    assert changed.min() >= np.floor(middle)


def test_the_mask_is_soft_and_lies_within_the_lower_half_of_the_box() -> None:
    mask, (top, left) = mouth_mask((512, 512), FACE_BOX)
    x0, y0, x1, y1 = FACE_BOX
    assert mask.min() == 0 and mask.max() == 1
    assert top >= np.floor((y0 + y1) / 2) and top + mask.shape[0] <= np.ceil(y1)
    assert left >= np.floor(x0) and left + mask.shape[1] <= np.ceil(x1)
    assert max(np.abs(np.diff(mask, axis=a)).max() for a in (0, 1)) < 0.25
    assert max(mask[0].max(), mask[-1].max(), mask[:, 0].max(), mask[:, -1].max()) < 0.05


def test_landmarks_narrow_the_mask() -> None:
    wide, _ = mouth_mask((512, 512), FACE_BOX)
    narrow, _ = mouth_mask((512, 512), FACE_BOX, landmarks=LIPS)
    assert (narrow <= wide).all()
    assert 0.1 < narrow.sum() / wide.sum() < 0.8


def test_a_face_pasted_onto_itself_hardly_changes(photograph: Image) -> None:
    changed = whole_mask(photograph, FACE_BOX, None) > 0
    result = paste(photograph, crop(photograph, FACE_BOX, 96), FACE_BOX)
    assert np.abs(result.astype(int) - photograph)[changed].mean() < 2.5


def test_a_colour_cast_is_taken_off(photograph: Image) -> None:
    mouth = crop(photograph, FACE_BOX, 96)
    ramp = np.linspace(-8, 8, 96)[None, :, None]
    cast = np.clip(mouth + np.array([10, -12, 8]) + ramp, 0, 255).astype(np.uint8)
    plain = paste(photograph, mouth, FACE_BOX).astype(int)
    matched = paste(photograph, cast, FACE_BOX).astype(int)
    raw = paste(photograph, cast, FACE_BOX, match_colour=False).astype(int)
    core = whole_mask(photograph, FACE_BOX, None) > 0.99
    assert np.abs(matched - plain)[core].mean() < 2.0
    assert np.abs(raw - plain)[core].mean() > 8.0


def test_another_mouth_is_not_taken_for_a_colour_cast(photograph: Image) -> None:
    mouth = crop(photograph, FACE_BOX, 96)
    opened = mouth.copy()
    opened[66:78, 36:60] = 20
    core = whole_mask(photograph, FACE_BOX, None) > 0.99
    before = paste(photograph, mouth, FACE_BOX).astype(int)
    after = paste(photograph, opened, FACE_BOX).astype(int)
    assert np.median(np.abs(after - before)[core]) <= 1


@pytest.mark.parametrize(
    "box",
    [
        (-30, -40, 60, 50),
        (470, 470, 560, 560),
        (600, 600, 700, 700),
        (3, 3, 5, 5),
        (-900, 0, -1, 9),
    ],
)
def test_faces_at_the_edge_and_out_of_the_picture(
    photograph: Image, box: tuple[float, float, float, float]
) -> None:
    result = paste(photograph, np.full((96, 96, 3), 7, np.uint8), box)
    mask = whole_mask(photograph, box, None)
    assert result.shape == photograph.shape
    assert np.array_equal(result[mask == 0], photograph[mask == 0])


def test_enhancing_may_return_more_pixels(photograph: Image) -> None:
    mouth = crop(photograph, FACE_BOX, 96)
    result = paste(photograph, mouth, FACE_BOX, enhance=lambda _: crop(photograph, FACE_BOX, 384))
    assert np.array_equal(result, paste(photograph, crop(photograph, FACE_BOX, 384), FACE_BOX))


def test_sharpening_raises_contrast_and_nothing_else(photograph: Image) -> None:
    mouth = crop(photograph, FACE_BOX, 96)
    sharp = unsharp(1.0)(mouth)
    assert np.diff(sharp.astype(int), axis=0).std() > 1.1 * np.diff(mouth.astype(int), axis=0).std()
    assert abs(sharp.mean() - mouth.mean()) < 1
    flat = np.full((8, 8, 3), (10, 100, 200), np.uint8)
    assert np.array_equal(unsharp(2.0)(flat), flat)
    assert np.array_equal(unsharp(0.0)(mouth), mouth)


def test_wrong_input_is_named(photograph: Image) -> None:
    mouth = np.zeros((96, 96, 3), np.uint8)
    with pytest.raises(ShapeError, match="frame"):
        paste(photograph[..., :2], mouth, FACE_BOX)
    with pytest.raises(ShapeError, match="mouth"):
        paste(photograph, mouth[:48], FACE_BOX)
    with pytest.raises(ShapeError, match="box"):
        paste(photograph, mouth, (5, 5, 5, 9))
    with pytest.raises(ShapeError, match="landmarks"):
        paste(photograph, mouth, FACE_BOX, landmarks=np.zeros((5, 3)))
    with pytest.raises(ShapeError, match="NaN"):
        paste(photograph, mouth, FACE_BOX, landmarks=np.full((5, 2), np.nan))
    with pytest.raises(ShapeError, match="enhanced"):
        paste(photograph, mouth, FACE_BOX, enhance=lambda m: m.astype(np.float32))  # type: ignore[arg-type,return-value]
