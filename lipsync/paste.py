"""Paste-back: a generated mouth into the frame it came from.

Only the mouth region changes: a soft ellipse in the lower half of the box, or round the given
landmarks.  Where the mask is zero the frame's own pixels stay, bit for bit, so the picture keeps
its resolution everywhere else.  The new mouth is matched in colour and sharpness to the face
(``lipsync.matching``), and keeps the faint detail that the frame has and the generator's few
pixels cannot hold: grain, pores, stubble.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from lipsync.crops import Box, Floats, Image, check_box, check_image, crop, resample
from lipsync.errors import ShapeError
from lipsync.matching import matched

Enhance = Callable[[Image], Image]
"""Super-resolution or sharpening: (S, S, 3) uint8 BGR in, (k·S, k·S, 3) out."""

Landmarks = npt.NDArray[np.floating]
"""(N, 2) x and y in pixels of the frame."""

MOUTH = (0.5, 0.73)
"""Where a mouth with its chin is in the box, as parts of its width and height.  In eight clips
the corners of the mouth lay at 0.40 to 0.65 across and 0.64 to 0.72 down (YuNet's boxes, 7% added
below): the ellipse below holds them all."""

RADII = (0.32, 0.18)
"""Half axes of the ellipse that is replaced in full, as parts of the box's width and height."""

LANDMARK_MARGIN = 0.08
"""The ellipse reaches this far beyond given landmarks, as a part of the box's width."""

SOFTNESS = 0.45
"""Width of the ellipse's soft rim, as a part of its half axes."""

FEATHER = 0.09
"""Width of the soft rim inside the lower half of the box, as a part of the box's width."""

BAND = 64
"""Rows of the frame that are worked on at once, so that they stay in the processor's cache."""

FAINT = 4.0
"""Detail up to this, in 1/255, is the frame's own: skin has less, the old lips' edges more."""


def paste(
    frame: Image,
    mouth: Image,
    box: Box,
    *,
    landmarks: Landmarks | None = None,
    enhance: Enhance | None = None,
    match: bool = True,
) -> Image:
    """Put a generated face's mouth region into its frame.

    Args:
        frame: (H, W, 3) uint8 BGR; left as it is.
        mouth: (S, S, 3) uint8 BGR, what the engine made; only its lower half is used.
        box: where the face was cropped from; it may stick out of the frame.
        landmarks: points round the mouth, or along mouth and jaw, in pixels of the frame; the
            mask is then an ellipse round them.
        enhance: applied to the mouth before it is scaled; may return it larger.
        match: fit the mouth's colour, sharpness and finest detail to the face.

    Returns:
        A new (H, W, 3) uint8 frame, equal to ``frame`` outside the mask.

    Raises:
        ShapeError: images, box or landmarks of the wrong shape, or an ``enhance`` that does
            not return a square uint8 picture.
    """
    check_image("frame", frame)
    check_image("mouth", mouth, side=mouth.shape[0])
    mask, (top, left) = mouth_mask(frame.shape[:2], box, landmarks=landmarks)
    result = frame.copy()
    if mask.size == 0:
        return result
    if enhance is not None:
        mouth = enhance(mouth)
        check_image("the enhanced mouth", mouth, side=mouth.shape[0])
    side = mouth.shape[0]
    seen = crop(frame, box, side)
    new = matched(mouth, seen, _small_mask(side, box, landmarks)) if match else mouth
    height, width = mask.shape
    for first in range(0, height, BAND):
        part = mask[first : first + BAND]
        corner = top + first, left
        place = _in_mouth(box, corner, part.shape, side)
        target = result[corner[0] : corner[0] + len(part), left : left + width]
        _blend(target, part, resample(new, place, part.shape), seen if match else None, place)
    return result


def _blend(
    target: Image,
    mask: Floats,
    new: Floats,
    seen: Image | None,
    place: tuple[float, float, float, float],
) -> None:
    """Write the new picture over the target, as far as the mask says.

    Args:
        target: (h, w, 3), a part of the frame; changed.
        mask: (h, w) in [0, 1].
        new: (h, w, 3), the mouth at the frame's resolution; used up.
        seen: (S, S, 3), the face in the mouth's pixels, for the detail it lacks; or None.
        place: where the target is in it.
    """
    old = target.astype(np.float32)
    if seen is not None:
        detail = old - resample(seen, place, mask.shape)
        new += np.clip(detail, -FAINT, FAINT, out=detail)
    # Where the mask is zero this adds nothing to whole numbers, so the bytes stay as they are.
    new -= old
    new *= mask[..., None]
    new += old
    target[:] = np.clip(np.rint(new, out=new), 0, 255, out=new)


def mouth_mask(
    shape: tuple[int, ...], box: Box, *, landmarks: Landmarks | None = None
) -> tuple[Floats, tuple[int, int]]:
    """How much of each pixel is replaced.

    Args:
        shape: rows and columns of the frame.
        box: where the face was cropped from.
        landmarks: as for ``paste``.

    Returns:
        (h, w) float32 in [0, 1] and the (top, left) pixel of the frame where it lies; empty
        where the mouth is out of the picture. It is zero on the rim of the box's lower half.

    Raises:
        ShapeError: a box without area, or landmarks that are not (N, 2) and finite.
    """
    x0, y0, x1, y1 = check_box(box)
    middle = (y0 + y1) / 2
    left, right = max(0, int(np.floor(x0))), min(shape[1], int(np.ceil(x1)))
    top, bottom = max(0, int(np.floor(middle))), min(shape[0], int(np.ceil(y1)))
    xs = np.arange(left, max(left, right), dtype=np.float32) + 0.5
    ys = np.arange(top, max(top, bottom), dtype=np.float32) + 0.5
    (x, y), (across, down) = _ellipse((x0, y0, x1, y1), landmarks)
    radius: Floats = np.hypot((xs - x) / across, ((ys - y) / down)[:, None])
    mask = _smooth((1 + SOFTNESS - radius) / SOFTNESS)
    feather = FEATHER * (x1 - x0)
    mask *= _smooth(np.minimum(xs - x0, x1 - xs) / feather)
    mask *= _smooth(np.minimum(ys - middle, y1 - ys) / feather)[:, None]
    return mask.astype(np.float32, copy=False), (top, left)


def _ellipse(
    box: tuple[float, float, float, float], landmarks: Landmarks | None
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Centre and half axes, (x, y) each, of what is replaced in full."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    if landmarks is None:
        centre = (x0 + MOUTH[0] * width, y0 + MOUTH[1] * height)
        return centre, (RADII[0] * width, RADII[1] * height)
    points = np.asarray(landmarks, np.float32)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise ShapeError(f"landmarks must be (N, 2) with N ≥ 3, got {points.shape}")
    if not np.isfinite(points).all():
        raise ShapeError("landmarks hold NaN or infinite values")
    low, high = points.min(0), points.max(0)
    x, y = ((low + high) / 2).tolist()
    across, down = ((high - low) / 2 + LANDMARK_MARGIN * width).tolist()
    return (x, y), (across, down)


def _smooth(linear: Floats) -> Floats:
    """0 below 0, 1 above 1, and smooth at both ends."""
    linear = np.clip(linear, 0, 1)
    smooth: Floats = linear * linear * (3 - 2 * linear)
    return smooth


def _small_mask(side: int, box: Box, landmarks: Landmarks | None) -> Floats:
    """The mask in the mouth picture's own pixels; (side, side)."""
    x0, y0, x1, y1 = check_box(box)
    if landmarks is not None:
        landmarks = (np.asarray(landmarks) - (x0, y0)) * (side / (x1 - x0), side / (y1 - y0))
    lower, (top, _) = mouth_mask((side, side), (0, 0, side, side), landmarks=landmarks)
    return np.pad(lower, ((top, 0), (0, 0)))


def _in_mouth(
    box: Box, corner: tuple[int, int], shape: tuple[int, ...], side: int
) -> tuple[float, float, float, float]:
    """The mask's rectangle in the mouth picture's own pixels."""
    x0, y0, x1, y1 = check_box(box)
    across, down = side / (x1 - x0), side / (y1 - y0)
    top, left = corner
    return (
        (left - x0) * across,
        (top - y0) * down,
        (left + shape[1] - x0) * across,
        (top + shape[0] - y0) * down,
    )
