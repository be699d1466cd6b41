"""One picture in working form: upright, even-sized, planar 4:2:0 of 8 or 10 bits.

Pictures stay libav frames from decoder to encoder; only what is looked at becomes BGR, and only
what is changed is written back.  `repaint` adds the *difference* of two BGR images, converted to
YUV, so that every untouched sample keeps its exact value.
"""

from __future__ import annotations

import math
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from f2f.types import VideoInfo

Image = npt.NDArray[np.uint8]
"""(height, width, 3), BGR."""
Area = tuple[slice, slice]
"""Rows and columns."""
Plane = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

EIGHT_BIT, TEN_BIT = "yuv420p", "yuv420p10le"
FULL_RANGE, LIMITED_RANGE = 2, 1
"""ISO/IEC 23091-2 range codes as libav numbers them."""
BT709, UNSPECIFIED, BT2020 = 1, 2, 9
_WEIGHTS = {BT709: (0.2126, 0.0722), 4: (0.30, 0.11), 7: (0.212, 0.087), BT2020: (0.2627, 0.0593)}
"""Matrix code -> luma weights (red, blue), ISO/IEC 23091-2 table 4; all others are BT.601."""
_SCALER = {BT709: 1, 4: 4, 7: 7, BT2020: 9}
"""Matrix code -> the scaler's own number for it; all others are BT.601 (5)."""
_BT601 = 5
_BAND = 256
"""Rows that are worked on at once, as wider numbers take several times the picture's memory."""


def working(picture: av.VideoFrame, info: VideoInfo, pixel_format: str = EIGHT_BIT) -> Any:
    """`picture` upright, of `info.size`, in `pixel_format`; the same object if it already is."""
    turned = info.rotation in (90, 270)
    width, height = info.size[::-1] if turned else info.size
    small = picture.width - width in (0, 1) and picture.height - height in (0, 1)
    if picture.format.name.removeprefix("yuvj") == pixel_format.removeprefix("yuv"):
        ready = picture
    else:
        ready = _converted(picture, info, pixel_format)
    if not small:
        ready = ready.reformat(width=width, height=height, interpolation="AREA")
    upright = not info.rotation and not info.mirrored
    if (
        not upright
        or ready.format.name != pixel_format
        or (ready.width, ready.height) != (width, height)
    ):
        ready = _assembled(ready, info, pixel_format, (width, height))
    return ready


def planes(picture: av.VideoFrame) -> list[Plane]:
    """Writable views of Y (h, w), U and V (h/2, w/2), without the rows' padding."""
    kind: Any = np.uint16 if picture.format.name == TEN_BIT else np.uint8
    views: list[Plane] = []
    for plane in picture.planes:
        rows = np.frombuffer(plane, kind).reshape(-1, plane.line_size // np.dtype(kind).itemsize)
        views.append(rows[: plane.height, : plane.width])
    return views


def blank(size: tuple[int, int], pixel_format: str, like: av.VideoFrame | None = None) -> Any:
    """A new picture of `size` (width, height); its samples are not set."""
    picture = av.VideoFrame(*size, pixel_format)
    if like is not None:
        for name in ("colorspace", "color_range", "color_primaries", "color_trc"):
            setattr(picture, name, getattr(like, name))
    return picture


def copy(picture: av.VideoFrame) -> Any:
    """The same picture in memory of its own."""
    twin = blank((picture.width, picture.height), picture.format.name, picture)
    for target, source in zip(planes(twin), planes(picture), strict=True):
        target[...] = source
    return twin


def to_bgr(picture: av.VideoFrame, info: VideoInfo) -> Image:
    """The picture as (height, width, 3) BGR, by the source's own matrix and range."""
    image: Image = picture.reformat(
        format="bgr24",
        src_colorspace=_SCALER.get(matrix(info), _BT601),
        dst_colorspace=_BT601,
        src_color_range=color_range(info),
        dst_color_range=FULL_RANGE,
    ).to_ndarray()
    return image


def to_rgb10(picture: av.VideoFrame, info: VideoInfo) -> Any:
    """The picture as planar RGB of 10 bits and full range, by the source's own matrix and range."""
    return picture.reformat(
        format="gbrp10le",
        src_colorspace=_SCALER.get(matrix(info), _BT601),
        dst_colorspace=_BT601,
        src_color_range=color_range(info),
        dst_color_range=FULL_RANGE,
    )


def from_rgb(picture: av.VideoFrame, info: VideoInfo, pixel_format: str = EIGHT_BIT) -> Any:
    """A working picture of an RGB frame of full range, with `info`'s matrix and range."""
    return picture.reformat(
        format=pixel_format,
        dst_colorspace=_SCALER.get(matrix(info), _BT601),
        src_color_range=FULL_RANGE,
        dst_color_range=color_range(info),
    )


def repaint(picture: av.VideoFrame, before: Image, after: Image, info: VideoInfo) -> Any:
    """`picture` with the change from `before` to `after` added; equal images return it itself.

    Args:
        picture: working form.
        before: what `to_bgr` gave for it.
        after: the same image with some pixels changed.
    """
    area = changed_area(before, after)
    if area is None:
        return picture
    change = cv2.subtract(after[area], before[area], dtype=cv2.CV_32F)  # (h, w, 3)
    return added(picture, area, change, info)


def changed_area(before: Image, after: Image) -> Area | None:
    """Rows and columns, from even to even, outside which two images are equal; None if they are."""
    differs = (before != after).reshape(len(before), -1)  # (h, w * 3)
    rows = np.flatnonzero(differs.any(axis=1))
    if not rows.size:
        return None
    top, bottom = int(rows[0]) & ~1, (int(rows[-1]) | 1) + 1
    columns = np.flatnonzero(differs[top:bottom].any(axis=0)) // 3
    left, right = int(columns[0]) & ~1, (int(columns[-1]) | 1) + 1
    return slice(top, bottom), slice(left, right)


def added(
    picture: av.VideoFrame, area: Area, change: npt.NDArray[np.float32], info: VideoInfo
) -> Any:
    """A copy of a working picture with a difference of BGR, (h, w, 3) in steps of 1/255, added."""
    luma, blue, red = cv2.split(cv2.transform(change, _forward(info, picture.format.name)))
    half = tuple(slice(one.start // 2, one.stop // 2) for one in area)
    twin = copy(picture)
    for plane, where, step in zip(
        planes(twin), (area, half, half), (luma, _halved(blue), _halved(red)), strict=True
    ):
        highest = 1023 if plane.dtype == np.uint16 else 255
        plane[where] = np.clip(np.rint(plane[where] + step), 0, highest)
    return twin


def matrix(info: VideoInfo) -> int:
    """The YUV matrix code; where the source does not say, BT.709 from 720 lines on, else BT.601."""
    stated = info.color_space
    if stated in (None, 0, UNSPECIFIED):
        return BT709 if min(info.size) >= 720 else _BT601
    assert stated is not None
    return BT2020 if stated == BT2020 + 1 else stated


def color_range(info: VideoInfo) -> int:
    """The range code; sources that do not say are limited."""
    return FULL_RANGE if info.color_range == FULL_RANGE else LIMITED_RANGE


def _forward(info: VideoInfo, pixel_format: str) -> npt.NDArray[np.float32]:
    """(3, 3): rows Y, U, V of a BGR difference, in steps of the pixel format."""
    red, blue = _WEIGHTS.get(matrix(info), (0.299, 0.114))
    luma = np.array([blue, 1 - red - blue, red])
    unit = np.eye(3)
    rows = np.stack([luma, (unit[0] - luma) / (2 - 2 * blue), (unit[2] - luma) / (2 - 2 * red)])
    if color_range(info) == LIMITED_RANGE:
        rows *= np.array([[219], [224], [224]]) / 255
        return (rows * (4 if pixel_format == TEN_BIT else 1)).astype(np.float32)
    return (rows * (1023 / 255 if pixel_format == TEN_BIT else 1)).astype(np.float32)


def _halved(channel: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    height, width = channel.shape
    small: npt.NDArray[np.float32] = cv2.resize(
        channel, (width // 2, height // 2), interpolation=cv2.INTER_AREA
    )
    return small


def _converted(picture: av.VideoFrame, info: VideoInfo, pixel_format: str) -> Any:
    """Another pixel format turned into the working one; transparency becomes white."""
    components = picture.format.components
    if any(component.is_alpha for component in components) or picture.format.has_palette:
        rgba = picture.reformat(format="rgba").to_ndarray()
        picture = av.VideoFrame.from_ndarray(opaque(rgba), format="rgb24")
    if picture.format.is_rgb or len(components) == 1:
        return from_rgb(picture, info, pixel_format)
    return picture.reformat(
        format=pixel_format,
        src_colorspace=_SCALER.get(matrix(info), _BT601),
        dst_colorspace=_SCALER.get(matrix(info), _BT601),
        src_color_range=color_range(info),
        dst_color_range=color_range(info),
    )


def opaque(rgba: Image) -> Image:
    """(height, width, 4) RGBA over white, as (height, width, 3) RGB."""
    mixed = np.empty((*rgba.shape[:2], 3), np.uint8)
    for top in range(0, len(rgba), _BAND):
        rows = rgba[top : top + _BAND].astype(np.uint16)
        alpha = rows[..., 3:]
        mixed[top : top + _BAND] = (rows[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return mixed


def _assembled(
    picture: av.VideoFrame, info: VideoInfo, pixel_format: str, size: tuple[int, int]
) -> Any:
    """Crop to an even size, turn upright, name the format: sample by sample, nothing computed."""
    quarter_turns = {0: 0, 90: 3, 180: 2, 270: 1}[info.rotation]  # numpy turns counterclockwise
    twin = blank(info.size, pixel_format)
    for number, (target, source) in enumerate(zip(planes(twin), planes(picture), strict=True)):
        width, height = size if number == 0 else (math.ceil(size[0] / 2), math.ceil(size[1] / 2))
        turned = np.rot90(source[:height, :width], quarter_turns)
        target[...] = turned[:, ::-1] if info.mirrored else turned
    return twin
