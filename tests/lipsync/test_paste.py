from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipsync.crops import Image, crop
from lipsync.errors import ShapeError
from lipsync.paste import FAINT, mouth_mask, paste
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


def test_the_mask_follows_landmarks(photograph: Image) -> None:
    wide = whole_mask(photograph, FACE_BOX, None)
    narrow = whole_mask(photograph, FACE_BOX, LIPS)
    assert 0.1 < narrow.sum() / wide.sum() < 0.8
    rows, columns = np.indices(narrow.shape) + 0.5
    middle = [(narrow * place).sum() / narrow.sum() for place in (columns, rows)]
    # As the lips lie near the box's middle, where the mask ends, its upper rim is cut.
    assert np.allclose(middle, (LIPS.max(0) + LIPS.min(0)) / 2, atol=5)
    inside = [narrow[int(y), int(x)] for x, y in LIPS]
    assert min(inside) > 0.7 and max(inside) == 1


def test_a_face_pasted_onto_itself_hardly_changes(photograph: Image) -> None:
    changed = whole_mask(photograph, FACE_BOX, None) > 0
    mouth = crop(photograph, FACE_BOX, 96)
    ours, plain = (
        np.abs(paste(photograph, mouth, FACE_BOX, match=match).astype(int) - photograph)
        for match in (True, False)
    )
    assert ours[changed].mean() < 1.0
    assert plain[changed].mean() > 2 * ours[changed].mean()


def enlarged(photograph: Image, grain: np.ndarray) -> Image:
    """The photograph at four times its size, so that 96 pixels are few, and with grain."""
    large = cv2.resize(photograph, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    return np.clip(large + np.rint(grain)[..., None], 0, 255).astype(np.uint8)


def test_grain_that_the_mouths_few_pixels_cannot_hold_stays(photograph: Image) -> None:
    grain = np.random.default_rng(0).normal(size=(2048, 2048)) * 1.5
    clean, grainy = enlarged(photograph, 0 * grain), enlarged(photograph, grain)
    box = tuple(4 * v for v in FACE_BOX)
    mouth = np.roll(crop(clean, box, 96), 3, axis=0)  # lips elsewhere than the face's own
    core = whole_mask(clean, box, None) == 1

    def kept(match: bool) -> float:
        one, other = (paste(frame, mouth, box, match=match) for frame in (grainy, clean))
        difference = (one.astype(float) - other)[core].mean(1)
        return float((difference * grain[core]).sum() / np.square(grain[core]).sum())

    assert kept(True) > 0.7
    assert kept(False) == 0


def test_edges_of_the_old_lips_do_not_stay(photograph: Image) -> None:
    frame, box = enlarged(photograph, np.zeros((2048, 2048))), tuple(4 * v for v in FACE_BOX)
    mouth = crop(frame, box, 96)
    marked = frame.copy()
    marked[620:622, 840:950] = (0, 0, 255)  # a thin line, which the new mouth does not have
    result = paste(marked, mouth, box).astype(int)
    assert np.abs(result - paste(frame, mouth, box)).max() <= 2 * FAINT + 1


def test_a_blurred_mouth_comes_near_the_sharpness_of_its_face(photograph: Image) -> None:
    mouth = crop(photograph, FACE_BOX, 96)
    blurred = cv2.GaussianBlur(mouth, (0, 0), 0.7)

    def contrast(picture: Image) -> float:
        grey = crop(picture, FACE_BOX, 96).astype(float).mean(2)
        return float(np.abs(cv2.Laplacian(grey, cv2.CV_64F))[60:85, 25:70].mean())

    ours, plain = (
        contrast(paste(photograph, blurred, FACE_BOX, match=match)) for match in (True, False)
    )
    assert plain < 0.5 * contrast(photograph)
    assert 1.5 * plain < ours < contrast(photograph)  # both lose a little by resampling


def test_a_colour_cast_is_taken_off(photograph: Image) -> None:
    mouth = crop(photograph, FACE_BOX, 96)
    ramp = np.linspace(-8, 8, 96)[None, :, None]
    cast = np.clip(mouth + np.array([10, -12, 8]) + ramp, 0, 255).astype(np.uint8)
    plain = paste(photograph, mouth, FACE_BOX).astype(int)
    matched = paste(photograph, cast, FACE_BOX).astype(int)
    raw = paste(photograph, cast, FACE_BOX, match=False).astype(int)
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
