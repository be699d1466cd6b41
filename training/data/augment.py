"""Augmentation of pictures and sound, so that other people in other rooms work.

Sound is changed in the mel domain: a gain or a filter is an addition there, so nothing has to be
transformed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipsync.audio import PEAK, SILENCE
from training.data.packed import FACE, PACKED
from training.settings import Augment

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

MASKED_PART = 1 / 3
"""Part of the windows in which mel bins are silenced."""
MOUTH_ROOM = 1.24
"""Width of the mouth's mask beside that of the lips."""


@dataclass(frozen=True, slots=True)
class View:
    """Box, mirror and colours in which a clip is shown, the same for all of its frames."""

    top: float
    left: float
    side: float
    """The box in packed pixels."""
    flip: bool = False
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset: float = 0.0


PLAIN_VIEW = View(top=(PACKED - FACE) / 2, left=(PACKED - FACE) / 2, side=float(FACE))
"""The detected box itself."""


def sample_view(options: Augment, rng: np.random.Generator) -> View:
    """A random box, mirror and colour; the box stays inside the packed picture."""
    side = min(PACKED, FACE * (1 + rng.uniform(-options.scale, options.scale)))
    room = PACKED - side
    shift = options.shift * FACE
    top, left = np.clip(room / 2 + rng.uniform(-shift, shift, 2), 0, room)
    common = 1 + rng.uniform(-options.brightness, options.brightness)
    single = 1 + rng.uniform(-options.brightness / 2, options.brightness / 2, 3)
    red, green, blue = (float(common * value) for value in single)
    return View(
        top=float(top),
        left=float(left),
        side=float(side),
        flip=options.flip and rng.random() < 0.5,
        gain=(red, green, blue),
        offset=float(rng.uniform(-options.offset, options.offset)),
    )


def render_faces(
    faces: Image,
    view: View,
    size: int,
    *,
    lower_half: bool = False,
    motions: Sequence[Floats] | None = None,
) -> Floats:
    """Packed faces as a model sees them.

    Args:
        faces: (T, 112, 112, 3) uint8 BGR.
        view: the box and the colours.
        size: side of the whole face.
        lower_half: only that, which costs half.
        motions: (2, 3) for each face, from the packed pixels of the picture in whose place it is
            seen to its own.

    Returns:
        (T, 3, size or size/2, size) in [0, 1].
    """
    rows = size // 2 if lower_half else size
    step = view.side / size
    top = view.top + (view.side / 2 if lower_half else 0.0)
    # warpAffine maps output pixel centres to input pixel centres
    left, across = view.left, step
    if view.flip:
        left, across = view.left + view.side, -step
    matrix = np.array(
        [[across, 0, left + across / 2 - 0.5], [0, step, top + step / 2 - 0.5], [0, 0, 1]]
    )
    matrices = (
        [matrix[:2]] * len(faces) if motions is None else [motion @ matrix for motion in motions]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = np.stack(
        [
            cv2.warpAffine(face, matrix, (size, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
            for face, matrix in zip(faces, matrices, strict=True)
        ]
    )
    floats = seen.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    if view.gain == (1.0, 1.0, 1.0) and view.offset == 0.0:
        return floats
    gain = np.asarray(view.gain, np.float32)[None, :, None, None]
    changed: Floats = np.clip(floats * gain + np.float32(view.offset), 0, 1)
    return changed


def project_points(points: Floats, view: View, size: int) -> Floats:
    """Points of a packed picture, (…, 2 or more), as `render_faces` shows them: (…, 2), whole."""
    seen: Floats = (points[..., :2] - (view.left, view.top)) * (size / view.side)
    if view.flip:
        seen[..., 0] = size - seen[..., 0]
    return seen.astype(np.float32)


def mouth_mask(lips: Floats, view: View, size: int) -> Floats:
    """Where the mouth is in a picture that `render_faces` makes.

    Args:
        lips: (40, 2 or more) points in packed pixels.
        view: the box.
        size: side of the whole face.

    Returns:
        (1, size, size): 1 inside an ellipse around the lips, somewhat larger than they.
    """
    points = project_points(lips, view, size)
    low, high = points.min(0), points.max(0)
    middle, extent = (low + high) / 2, high - low
    across = max(size / 12, MOUTH_ROOM * extent[0] / 2)
    down = max(size / 14, extent[1] / 2 + size / 24)
    rows, columns = np.mgrid[:size, :size] + 0.5
    inside = ((columns - middle[0]) / across) ** 2 + ((rows - middle[1]) / down) ** 2 < 1
    mask: Floats = inside[None].astype(np.float32)
    return mask


def augment_mels(mels: Floats, options: Augment, rng: np.random.Generator) -> Floats:
    """The windows of sound of one clip, changed alike but for the noise; (N, 80, steps)."""
    bins = mels.shape[-2]
    changed = mels + np.float32(rng.uniform(-options.loudness, options.loudness))
    if options.equaliser > 0:
        knots = rng.normal(0, options.equaliser, 6)
        curve = np.interp(np.arange(bins), np.linspace(0, bins - 1, 6), knots)
        changed = changed + curve.astype(np.float32)[:, None]
    if options.noise > 0:
        level = np.float32(rng.uniform(0, options.noise) * (rng.random() < 0.5))
        changed = changed + level * rng.standard_normal(mels.shape, np.float32)
    if options.mask > 0 and rng.random() < MASKED_PART:
        count = int(rng.integers(1, options.mask + 1))
        first = int(rng.integers(0, bins - count + 1))
        changed[..., first : first + count, :] = SILENCE
    # what was digital silence stays so
    clipped: Floats = np.where(mels <= SILENCE, SILENCE, np.clip(changed, -PEAK, PEAK))
    return clipped.astype(np.float32)
