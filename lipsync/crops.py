"""Boxes → what the models see, and back to the frame's own pixels.

A box is (x0, y0, x1, y1) in pixels, as floats, and may stick out of the frame; pixel k covers
[k, k + 1). One separable resampler serves cropping and paste-back: it is a bilinear
interpolation when a face grows, and its area-like, alias-free form when a face shrinks.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from lipsync.errors import ShapeError

Image = npt.NDArray[np.uint8]
"""(H, W, 3) BGR."""

Floats = npt.NDArray[np.float32]
Box = Sequence[float]
"""x0, y0, x1, y1."""

CHIN = 0.07
"""Part of a detected face's height that is added below it: the published code adds 10 pixels, which
are as much of the faces of its videos, and too little or too much of others."""


def with_chin(box: Box) -> tuple[float, float, float, float]:
    """A detected face's box as the models see it: the one rule of training and inference."""
    x0, y0, x1, y1 = check_box(box)
    return x0, y0, x1, y1 + CHIN * (y1 - y0)


def check_box(box: Box) -> tuple[float, float, float, float]:
    """Return the box as four floats; ``ShapeError`` unless it is finite and has an area."""
    if len(box) != 4:
        raise ShapeError(f"a box has four numbers, got {len(box)}")
    x0, y0, x1, y1 = (float(value) for value in box)
    if not all(map(math.isfinite, (x0, y0, x1, y1))) or x1 <= x0 or y1 <= y0:
        raise ShapeError(f"a box must be finite and have an area, got {(x0, y0, x1, y1)}")
    return x0, y0, x1, y1


def check_image(name: str, image: Image, *, side: int | None = None) -> None:
    """Raise ``ShapeError`` unless ``image`` is (H, W, 3) uint8, or (side, side, 3)."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ShapeError(f"{name} must be (H, W, 3) uint8, got {image.shape} {image.dtype}")
    if side is not None and image.shape[:2] != (side, side):
        raise ShapeError(f"{name} must be {side}×{side}, got {image.shape[0]}×{image.shape[1]}")


BAND = 8
"""Rows of a resampled image that are made at once."""


def taps(start: float, end: float, count: int, length: int) -> tuple[slice, Floats]:
    """The weights that resample one axis.

    Args:
        start: where the first output pixel begins, in input pixels.
        end: where the last one ends.
        count: output pixels.
        length: input pixels; beyond them the edge repeats.

    Returns:
        The input pixels that matter, and the (count, pixels) weights over them; rows sum to 1.
    """
    step = (end - start) / count
    reach = max(1.0, step)  # half the width of the triangle
    centres = start + (np.arange(count)[:, None] + 0.5) * step
    pixels = np.floor(centres - reach) + np.arange(math.ceil(2 * reach) + 1)  # (count, taps)
    weights = np.maximum(0.0, 1.0 - np.abs(centres - (pixels + 0.5)) / reach)
    weights /= weights.sum(1, keepdims=True)
    inside = np.clip(pixels, 0, length - 1).astype(np.intp)
    low = int(inside[0, 0])
    folded = np.zeros((count, int(inside[-1, -1]) - low + 1), np.float32)
    np.add.at(folded, (np.arange(count)[:, None], inside - low), weights)
    return slice(low, low + folded.shape[1]), folded


def resample(image: npt.NDArray[np.generic], box: Box, size: tuple[int, int]) -> Floats:
    """A box of an image at another resolution.

    Args:
        image: (H, W, C).
        box: the part to take; beyond the image its edge repeats.
        size: rows and columns of the result.

    Returns:
        (rows, columns, C) float32, in the image's own units, not rounded.
    """
    x0, y0, x1, y1 = check_box(box)
    rows, across = taps(y0, y1, size[0], image.shape[0])
    columns, along = taps(x0, x1, size[1], image.shape[1])
    part = image[rows, columns]  # (h, w, C)
    # Columns go the slower way, through memory: they are done while there are fewer rows.
    if size[0] < part.shape[0]:
        return _columns(along, _rows(across, part))
    return _rows(across, _columns(along, part))


def _columns(weights: Floats, image: npt.NDArray[np.generic]) -> Floats:
    """(h, w, C) to (h, columns, C)."""
    return np.ascontiguousarray(_rows(weights, image.swapaxes(0, 1)).swapaxes(0, 1))


def _rows(weights: Floats, image: npt.NDArray[np.generic]) -> Floats:
    """(h, w, C) to (rows, w, C), a band of rows at a time.

    Each row depends on its neighbourhood alone, so nearly all of the weights are zeros, and only
    the neighbourhood need be in floats, which keeps it in the processor's cache.
    """
    result = np.empty((len(weights), *image.shape[1:]), np.float32)
    flat = result.reshape(len(weights), -1)
    for top in range(0, len(weights), BAND):
        band = weights[top : top + BAND]
        touched = np.flatnonzero(band.any(0))
        near = slice(touched[0], touched[-1] + 1)
        values = image[near].astype(np.float32, order="C").reshape(near.stop - near.start, -1)
        np.matmul(band[:, near], values, out=flat[top : top + BAND])
    return result


def crop(frame: Image, box: Box, size: int) -> Image:
    """A face as the models see it.

    Args:
        frame: (H, W, 3) uint8 BGR.
        box: where the face is; beyond the frame its edge repeats.
        size: side of the result, ``model.size``.

    Returns:
        (size, size, 3) uint8 BGR.

    Raises:
        ShapeError: no such frame, or a box without area.
    """
    check_image("frame", frame)
    return to_bytes(resample(frame, box, (size, size)))


def to_bytes(image: npt.NDArray[np.generic]) -> Image:
    """Round and clip [0, 255] floats to uint8."""
    floats = np.asarray(image, np.float32)
    return np.clip(np.rint(floats), 0, 255).astype(np.uint8)


def with_pose_prior(faces: Tensor, references: Tensor) -> Tensor:
    """The six channels that a generator sees.

    Args:
        faces: (…, 3, S, S), the faces to be given new lips.
        references: (…, 3, S, S), what the person looks like; at inference the same faces.

    Returns:
        (…, 6, S, S): the faces with their lower half zeroed (the pose prior) ‖ references.
    """
    prior = faces.clone()
    prior[..., faces.shape[-2] // 2 :, :] = 0
    return torch.cat((prior, references), dim=-3)
