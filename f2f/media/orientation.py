"""How the stored picture has to be turned and mirrored to be upright."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from av.sidedata.sidedata import Type
from PIL import ExifTags, Image, UnidentifiedImageError


@dataclass(frozen=True, slots=True)
class Orientation:
    """First a turn, in degrees clockwise, then left and right change places."""

    rotation: int = 0
    mirrored: bool = False


_OF_EXIF = {
    1: Orientation(),
    2: Orientation(0, mirrored=True),
    3: Orientation(180),
    4: Orientation(180, mirrored=True),
    5: Orientation(90, mirrored=True),
    6: Orientation(90),
    7: Orientation(270, mirrored=True),
    8: Orientation(270),
}
"""By the tag's value, Exif 3.0 section 4.6.5.1.6."""
_EXIF_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")


def of_picture(path: Path) -> Orientation:
    """What the metadata of a picture file says."""
    try:
        with Image.open(path, formats=_EXIF_FORMATS) as image:
            stated = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return Orientation()  # no such metadata, or damaged
    return _OF_EXIF.get(stated, Orientation())


def of_frame(frame: Any) -> Orientation:
    """What the display matrix of a decoded frame says, to the nearest quarter turn."""
    try:
        found = next((data for data in frame.side_data if data.type is Type.DISPLAYMATRIX), None)
    except ValueError:  # PyAV does not know some other kind of data beside it
        return Orientation(round(-frame.rotation / 90) * 90 % 360)
    return Orientation() if found is None else of_matrix(*struct.unpack_from("=5i", bytes(found)))


def of_matrix(a: int, b: int, _u: int, c: int, d: int) -> Orientation:
    """Of a display matrix: x' = a x + c y, y' = b x + d y (ISO/IEC 14496-12, section 6.2.2)."""
    swapped = abs(b) + abs(c) > abs(a) + abs(d)
    flips = (c < 0, b < 0) if swapped else (a < 0, d < 0)
    if swapped:
        return Orientation(270 if flips[1] else 90, mirrored=flips[0] == flips[1])
    return Orientation(180 if flips[1] else 0, mirrored=flips[0] != flips[1])
