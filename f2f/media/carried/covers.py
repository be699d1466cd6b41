"""The pictures that stand for a file in a library, taken out as they are."""

from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path

import av
import PIL.Image

from f2f.media.decoding import readable
from f2f.media.opening import opened
from f2f.media.sizes import LARGEST_PICTURE

log = logging.getLogger(__name__)

SUFFIXES = {"JPEG": "jpg", "PNG": "png", "BMP": "bmp"}
"""Pillow's names of what an MP4 file can have for a cover."""


def extract(path: Path, folder: Path) -> tuple[str, ...]:
    """Write cover.N.jpg, .png or .bmp for each; of others, a warning tells.

    Args:
        path: the file.
        folder: where to write.
    """
    names: list[str] = []
    with opened(path) as container:
        attached = av.stream.Disposition.attached_pic
        streams = [one for one in container.streams.video if one.disposition & attached]
        pictures = {
            packet.stream.index: bytes(packet)
            for packet in (readable(container, *streams) if streams else ())
        }
    for number, picture in enumerate(pictures.values()):
        kind = _kind(picture)
        if kind not in SUFFIXES:
            log.warning(
                "a cover picture of the source is left out: an MP4 file can have JPEG, PNG or BMP"
            )
            continue
        names.append(f"cover.{number}.{SUFFIXES[kind]}")
        (folder / names[-1]).write_bytes(picture)
    return tuple(names)


def _kind(picture: bytes) -> str:
    """Its format by its header; empty if that cannot be read or names too large a picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(io.BytesIO(picture), formats=tuple(SUFFIXES)) as image:
                width, height = image.size
                return (image.format or "") if width * height <= LARGEST_PICTURE.pixels else ""
    except (PIL.UnidentifiedImageError, PIL.Image.DecompressionBombError, OSError, ValueError):
        return ""
