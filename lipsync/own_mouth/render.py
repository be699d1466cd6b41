"""A made mouth shown by the speaker's own pixels, in the frame's own resolution.

Three bands of detail come from three places.  What is finer than a generator's pixels comes from
the bank's real frames, bent onto the made mouth.  What is coarser is the made mouth's brightness:
it says what is open and what is shut.  Colour is the speaker's own, brought to this frame's light.
Above the lip the frame stays: no word moves a nose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipsync.crops import Box, Floats, Image, check_box, check_image, crop, to_bytes
from lipsync.errors import ShapeError
from lipsync.matching import LUMA_BGR, colour_shift
from lipsync.own_mouth.descriptors import SIDE, resized
from lipsync.own_mouth.warp import flow_to
from lipsync.paste import mouth_mask

NOSE = (0.52, 0.62)
"""Parts of the box's height between which the new mouth begins: the nose ends above it."""

CHEEKS = (0.22, 0.36)
"""Parts of the box's width from its middle between which the made mouth ends and this frame's
cheeks begin: what a generator makes of cheeks is a stain."""

COARSE = 1.4
"""Standard deviation, in pixels of a ``SIDE`` face, of the detail that the made mouth decides."""

LIGHT = 10.0
"""The same of the detail of colour that is this frame's."""


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """A picture of the bank and how much of it shows; the shares of a mouth sum to 1."""

    picture: Image
    """(h, w, 3) uint8 BGR, in the pixels that it was filmed in."""
    weight: float = 1.0
    box: Box | None = None
    """Where the face is in it; None where it fills the picture."""


def paste_own(frame: Image, mouth: Image, box: Box, shares: Sequence[Share]) -> Image:
    """Put the speaker's own mouth, in the shape that a generator made, into a frame.

    Args:
        frame: (H, W, 3) uint8 BGR; left as it is.
        mouth: (S, S, 3) uint8 BGR, what the engine made of the frame's face.
        box: where the face is in the frame; it may stick out.
        shares: one picture, or two where one goes over into another.

    Returns:
        A new (H, W, 3) uint8 frame, equal to ``frame`` outside the mask.

    Raises:
        ShapeError: images or box of the wrong shape, or no picture at all.
    """
    check_image("frame", frame)
    check_image("mouth", mouth, side=mouth.shape[0])
    if not shares:
        raise ShapeError("there is no picture to show the mouth by")
    mask, (top, left) = lip_mask(frame.shape[:2], box)
    result = frame.copy()
    if mask.size == 0:
        return result
    target = wanted_face(crop(frame, box, SIDE), mouth)
    place = _place(box, (top, left))
    new = np.zeros((*mask.shape, 3), np.float32)
    for share in shares:
        new += np.float32(share.weight) * _shown(target, share, place, mask.shape)
    under = result[top : top + mask.shape[0], left : left + mask.shape[1]]
    old = under.astype(np.float32)
    # Where the mask is zero this adds nothing to whole numbers, so the bytes stay as they are.
    new -= old
    new *= mask[..., None]
    new += old
    under[:] = to_bytes(new)
    return result


def lip_mask(shape: tuple[int, ...], box: Box) -> tuple[Floats, tuple[int, int]]:
    """``lipsync.paste.mouth_mask`` without the nose."""
    mask, (top, left) = mouth_mask(shape, box)
    if mask.size == 0:
        return mask, (top, left)
    _, y0, _, y1 = check_box(box)
    down = (np.arange(top, top + mask.shape[0]) + 0.5 - y0) / (y1 - y0)
    mask *= _rise(down, NOSE)[:, None]
    return mask, (top, left)


def _rise(places: npt.NDArray[np.floating], between: tuple[float, float]) -> Floats:
    """0 below the first place, 1 above the second, smooth at both."""
    start, end = between
    part = np.clip((places - start) / (end - start), 0, 1)
    rise: Floats = (part * part * (3 - 2 * part)).astype(np.float32)
    return rise


def wanted_face(seen: Image, mouth: Image) -> Image:
    """The frame's face with the made mouth in it, as the bank's pictures are to be bent.

    Args:
        seen: (SIDE, SIDE, 3) uint8 BGR.
        mouth: (S, S, 3) uint8 BGR.

    Returns:
        (SIDE, SIDE, 3) uint8.
    """
    lower, (top, left) = lip_mask((SIDE, SIDE), (0, 0, SIDE, SIDE))
    aside = np.abs((np.arange(SIDE) + 0.5) / SIDE - 0.5)
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[top : top + lower.shape[0], left : left + lower.shape[1]] = lower
    mask *= 1 - _rise(aside, CHEEKS)
    old, new = seen.astype(np.float32), resized(mouth, SIDE).astype(np.float32)
    new += colour_shift(new, old, mask)
    return to_bytes(old + mask[..., None] * (new - old))


def _shown(target: Image, share: Share, place: Floats, shape: tuple[int, ...]) -> Floats:
    """One picture bent onto the target and brought to its light; (h, w, 3) float32.

    Args:
        target: (SIDE, SIDE, 3), from ``wanted_face``.
        share: of the bank.
        place: (2, 3), takes the result's pixels to those of ``target``.
        shape: the result's rows and columns.
    """
    picture = share.picture
    x0, y0, x1, y1 = check_box(share.box or (0, 0, picture.shape[1], picture.shape[0]))
    small = crop(picture, (x0, y0, x1, y1), SIDE)
    flow = flow_to(target, small)  # (SIDE, SIDE, 2)
    bent = _remapped(small, _grid(SIDE) + SIDE * flow, cv2.INTER_LINEAR)
    missing = target.astype(np.float32) - bent
    grey = (missing @ LUMA_BGR)[..., None]
    light = cv2.GaussianBlur(missing - grey, (0, 0), LIGHT)
    light += cv2.GaussianBlur(grey, (0, 0), COARSE)[..., None]
    size = (shape[1], shape[0])
    flow, light = (_enlarged(part, place, size) for part in (flow, light))
    scale = np.array(((x1 - x0) / SIDE, (y1 - y0) / SIDE), np.float32)
    corner = np.array((x0, y0), np.float32)
    where = (_line(place, shape) + SIDE * flow + 0.5) * scale + corner - 0.5
    shown: Floats = _remapped(picture, where, cv2.INTER_LANCZOS4) + light
    return shown


def _place(box: Box, corner: tuple[int, int]) -> Floats:
    """(2, 3) affine from pixels counted from a corner (top, left) to those of a ``SIDE`` face."""
    x0, y0, x1, y1 = check_box(box)
    across, down = SIDE / (x1 - x0), SIDE / (y1 - y0)
    top, left = corner
    return np.array(
        (
            (across, 0, (left + 0.5 - x0) * across - 0.5),
            (0, down, (top + 0.5 - y0) * down - 0.5),
        ),
        np.float32,
    )


def _line(place: Floats, shape: tuple[int, ...]) -> Floats:
    """(h, w, 2) x and y in a ``SIDE`` face of every pixel of the result."""
    xs = place[0, 0] * np.arange(shape[1], dtype=np.float32) + place[0, 2]
    ys = place[1, 1] * np.arange(shape[0], dtype=np.float32) + place[1, 2]
    return np.stack(np.broadcast_arrays(xs[None, :], ys[:, None]), axis=-1)


def _grid(side: int) -> Floats:
    return _line(np.array(((1, 0, 0), (0, 1, 0)), np.float32), (side, side))


def _enlarged(field: Floats, place: Floats, size: tuple[int, int]) -> Floats:
    """A (SIDE, SIDE, C) field at the result's pixels."""
    found: Floats = cv2.warpAffine(
        field,
        place,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return found


def _remapped(picture: Image, where: Floats, how: int) -> Floats:
    """(h, w, 3) float32: the picture's colours at (h, w, 2) places in its pixels."""
    found = cv2.remap(picture, where, None, how, borderMode=cv2.BORDER_REPLICATE)
    floats: Floats = found.astype(np.float32)
    return floats
