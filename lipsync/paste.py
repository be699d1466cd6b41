"""Paste-back: a generated mouth into the frame it came from.

Only the mouth region changes: a feathered mask in the lower half of the box, or round the
given landmarks. Where the mask is zero the frame's own pixels stay, bit for bit, so the
picture keeps its resolution everywhere else. The new mouth is matched in colour to what
surrounds it, with a plane of brightness per channel, which also carries a gradient of light.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from lipsync.crops import Box, Floats, Image, check_box, check_image, resample, to_bytes
from lipsync.errors import ShapeError

Enhance = Callable[[Image], Image]
"""Sharpening or super-resolution: (S, S, 3) uint8 BGR in, (k·S, k·S, 3) out."""

Landmarks = npt.NDArray[np.floating]
"""(N, 2) x and y in pixels of the frame."""

FEATHER = 0.09
"""Width of the mask's soft rim, as a part of the box's width."""

SIDE_MARGIN = 0.06
"""The box mask stays this far off the sides of the box, as a part of its width."""

LANDMARK_MARGIN = 0.12
"""The landmark mask reaches this far beyond the points, as a part of the box's width."""

CORNER = 0.2
"""Radius of the box mask's corners, as a part of the box's width."""

LARGEST_SHIFT = 24.0
"""Colour is moved by no more than this, in 1/255: more is no colour cast but a wrong match."""

LUMA_BGR = (0.114, 0.587, 0.299)
"""Weights of blue, green and red in brightness (BT.601)."""


def paste(
    frame: Image,
    mouth: Image,
    box: Box,
    *,
    landmarks: Landmarks | None = None,
    enhance: Enhance | None = None,
    match_colour: bool = True,
) -> Image:
    """Put a generated face's mouth region into its frame.

    Args:
        frame: (H, W, 3) uint8 BGR; left as it is.
        mouth: (S, S, 3) uint8 BGR, what the engine made; only its lower half is used.
        box: where the face was cropped from; it may stick out of the frame.
        landmarks: points round the mouth, or along mouth and jaw, in pixels of the frame; the
            mask is then their bounding ellipse with a margin, cut to the lower half of the box.
        enhance: applied to the mouth before it is scaled; may return it larger.
        match_colour: fit the mouth's colour to its surroundings.

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
    height, width = mask.shape
    target = result[top : top + height, left : left + width]
    new = resample(mouth, _in_mouth(box, (top, left), mask.shape, mouth.shape[0]), mask.shape)
    if match_colour:
        new += _colour_shift(target, new, mask)
    # Where the mask is zero this adds nothing to whole numbers, so the bytes stay as they are.
    target[:] = to_bytes(target + mask[..., None] * (new - target))
    return result


def mouth_mask(
    shape: tuple[int, int], box: Box, *, landmarks: Landmarks | None = None
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
    ys = (np.arange(top, max(top, bottom), dtype=np.float32) + 0.5)[:, None]
    feather = FEATHER * (x1 - x0)
    margin = SIDE_MARGIN * (x1 - x0)
    depth = _inside_rectangle(
        xs, ys, (x0 + margin, middle, x1 - margin, y1), radius=CORNER * (x1 - x0)
    )
    if landmarks is not None:
        points = np.asarray(landmarks, np.float32)
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
            raise ShapeError(f"landmarks must be (N, 2) with N ≥ 3, got {points.shape}")
        if not np.isfinite(points).all():
            raise ShapeError("landmarks hold NaN or infinite values")
        reach = LANDMARK_MARGIN * (x1 - x0)
        depth = np.minimum(depth, _inside_ellipse(xs, ys, points, reach=reach))
    linear = np.clip(depth / feather, 0, 1)
    mask = linear * linear * (3 - 2 * linear)  # smooth at both ends
    return mask.astype(np.float32), (top, left)


def _inside_rectangle(
    xs: Floats, ys: Floats, box: tuple[float, float, float, float], *, radius: float
) -> Floats:
    """Distance of each pixel to the rim of a rounded rectangle, positive inside; (h, w)."""
    x0, y0, x1, y1 = box
    radius = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    dx = np.abs(xs - (x0 + x1) / 2) - ((x1 - x0) / 2 - radius)
    dy = np.abs(ys - (y0 + y1) / 2) - ((y1 - y0) / 2 - radius)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
    depth: Floats = radius - outside - np.minimum(np.maximum(dx, dy), 0)
    return depth


def _inside_ellipse(xs: Floats, ys: Floats, points: Floats, *, reach: float) -> Floats:
    """About the distance to the ellipse round the points' bounding box, positive inside."""
    low, high = points.min(0), points.max(0)
    centre, half = (low + high) / 2, (high - low) / 2 + reach
    radius = np.hypot((xs - centre[0]) / half[0], (ys - centre[1]) / half[1])
    depth: Floats = (1 - radius) * half.min()
    return depth


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


def _colour_shift(target: Image, new: Floats, mask: Floats) -> Floats:
    """The plane, per channel, that brings the new picture to the old one's colour at the rim.

    Fitted by weighted least squares where the mask is half way: inside it the mouths may
    differ, and should; at the rim they show the same skin. (h, w, 3).
    """
    ys = np.linspace(-1, 1, mask.shape[0], dtype=np.float32)
    xs = np.linspace(-1, 1, mask.shape[1], dtype=np.float32)
    weight = mask * (1 - mask)
    rows, columns = np.nonzero(weight)
    if rows.size == 0:
        return np.zeros_like(new)
    basis = np.stack((np.ones_like(xs[columns]), xs[columns], ys[rows]), axis=1)  # (n, 3)
    w = weight[rows, columns, None]
    difference = target[rows, columns] - new[rows, columns]  # (n, 3)
    damping = 1e-6 * w.sum() * np.eye(3, dtype=np.float32)
    level, across, down = np.linalg.solve(
        basis.T @ (basis * w) + damping, basis.T @ (difference * w)
    )
    shift: Floats = level + xs[:, None] * across + (ys[:, None] * down)[:, None]
    return np.clip(shift, -LARGEST_SHIFT, LARGEST_SHIFT)


def unsharp(amount: float) -> Enhance:
    """A sharpening ``enhance``: adds ``amount`` of what a 3×3 binomial blur takes away.

    Only brightness is sharpened, so no colour fringes appear.
    """

    def sharpen(mouth: Image) -> Image:
        grey = mouth.astype(np.float32) @ np.array(LUMA_BGR, np.float32)
        padded = np.pad(grey, 1, mode="edge")
        rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
        blurred = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
        return to_bytes(mouth + amount * (grey - blurred)[..., None])

    return sharpen
