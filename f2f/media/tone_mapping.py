"""High dynamic range (HLG, PQ) to the standard range of BT.709, where a codec has only 8 bits.

The light of a display of 1000 cd/m² (ITU-R BT.2100) is taken relative to its reference white
(ITU-R BT.2408), brought into the smaller gamut (ITU-R BT.2087), its highlights are bent under
white, and it is coded for a display of ITU-R BT.1886.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from f2f.media.pictures import (
    BT709,
    EIGHT_BIT,
    LIMITED_RANGE,
    Image,
    added,
    changed_area,
    from_rgb,
    to_bgr,
    to_rgb10,
)
from f2f.types import VideoInfo

PQ, HLG = 16, 18
"""Transfer codes, ISO/IEC 23091-2 table 3."""
NAMES = {PQ: "PQ", HLG: "HLG"}
GRAPHICS_WHITE = {PQ: 0.58, HLG: 0.75}
"""Code of white letters, which at 1 would dazzle; ITU-R BT.2408, table 1."""
Light = npt.NDArray[np.float64]
"""(..., 3): red, green, blue."""

PEAK, WHITE = 1000.0, 203.0
"""cd/m²: of the display, and of its reference white."""
_KNEE = 0.3
"""Part of white up to which light stays as it is."""
_DISPLAY_GAMMA = 2.4
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)
"""Linear BT.2020 → linear BT.709, ITU-R BT.2087 annex 2."""
_NODES = 33
"""A side of the table."""


def is_hdr(info: VideoInfo) -> bool:
    return info.color_transfer in NAMES


def standard_form(info: VideoInfo) -> VideoInfo:
    """What `info` describes once it is tone-mapped."""
    return replace(
        info,
        pixel_format=EIGHT_BIT,
        color_primaries=BT709,
        color_transfer=BT709,
        color_space=BT709,
        color_range=LIMITED_RANGE,
    )


class ToneMap:
    """Maps working pictures of a source; its curves are a table that libav interpolates.

    Args:
        info: of the source, which `is_hdr`.
    """

    def __init__(self, info: VideoInfo) -> None:
        self._info, self._form = info, standard_form(info)
        self._graph = av.filter.Graph()
        width, height = info.size
        source = self._graph.add_buffer(
            width=width, height=height, format=av.VideoFormat("gbrp10le"), time_base=1
        )
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / "table.cube"
            _write_table(table, info)
            lookup = self._graph.add("lut3d", file=str(table), interp="tetrahedral")
            source.link_to(lookup)
            lookup.link_to(self._graph.add("buffersink"))
            self._graph.configure()

    def __call__(self, picture: Any) -> Any:
        """A working picture → the same in 8 bits of BT.709."""
        self._graph.vpush(to_rgb10(picture, self._info))
        return from_rgb(self._graph.vpull(), self._form)

    def image(self, picture: Any) -> Image:
        """The same as a BGR image."""
        return to_bgr(self(picture), self._form)


def repaint(picture: Any, before: Image, after: Image, info: VideoInfo) -> Any:
    """As `pictures.repaint`, for a picture of high dynamic range and two images of how it looks
    when it is tone-mapped."""
    area = changed_area(before, after)
    if area is None:
        return picture
    old, new = (
        unmapped(image[area][..., ::-1] / 255, info)[..., ::-1] for image in (before, after)
    )
    return added(picture, area, (255 * (new - old)).astype(np.float32), info)


def mapped(coded: Light, info: VideoInfo) -> Light:
    """R'G'B' of the source in 0..1 → R'G'B' for BT.709 in 0..1."""
    light = (_pq_light(coded) if info.color_transfer == PQ else _hlg_light(coded)) / WHITE
    if info.color_primaries != BT709:
        light = light @ _TO_709.T
    light = light.clip(0, PEAK / WHITE)
    brightest = light.max(axis=-1, keepdims=True)
    shown = light * (_bent(brightest) / brightest.clip(1e-9))
    coded_again: Light = shown.clip(0, 1) ** (1 / _DISPLAY_GAMMA)
    return coded_again


def unmapped(shown: Light, info: VideoInfo) -> Light:
    """R'G'B' for BT.709 in 0..1 → R'G'B' of the source that `mapped` brings there."""
    light = shown.clip(0, 1) ** _DISPLAY_GAMMA
    brightest = light.max(axis=-1, keepdims=True)
    light = light * (_straightened(brightest) / brightest.clip(1e-9))
    if info.color_primaries != BT709:
        light = (light @ np.linalg.inv(_TO_709).T).clip(0)
    light = light * WHITE
    return _pq_code(light) if info.color_transfer == PQ else _hlg_code(light)


def _pq_light(coded: Light) -> Light:
    """cd/m², by the EOTF of ITU-R BT.2100 table 4."""
    root = coded ** (32 / 2523)
    light: Light = 10_000 * ((root - 0.8359375).clip(0) / (18.8515625 - 18.6875 * root)) ** (
        8192 / 1305
    )
    return light


def _pq_code(light: Light) -> Light:
    """The inverse of `_pq_light`."""
    power = (light / 10_000).clip(0, 1) ** (1305 / 8192)
    coded: Light = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** (2523 / 32)
    return coded


def _hlg_light(coded: Light) -> Light:
    """cd/m², by the inverse OETF and the OOTF of ITU-R BT.2100 table 5 (gamma 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
    light: Light = PEAK * scene * (scene @ _LUMA_2020)[..., None] ** 0.2
    return light


def _hlg_code(light: Light) -> Light:
    """The inverse of `_hlg_light`."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    shown = (light / PEAK).clip(0, 1)
    luma = (shown @ _LUMA_2020)[..., None]
    scene = (shown * luma.clip(1e-9) ** (0.2 / -1.2)).clip(0, 1)
    coded: Light = np.where(
        scene <= 1 / 12, np.sqrt(3 * scene), a * np.log((12 * scene - b).clip(1e-9)) + c
    )
    return coded


def _bent(light: Light) -> Light:
    """Straight up to the knee, from there a hyperbola of the same slope that ends in 1 at PEAK."""
    a, b, scale = _hyperbola()
    return np.where(light <= _KNEE, light, scale * (light + a) / (light + b))


def _straightened(light: Light) -> Light:
    """The inverse of `_bent`."""
    a, b, scale = _hyperbola()
    return np.where(light <= _KNEE, light, (scale * a - b * light) / (light - scale))


def _hyperbola() -> tuple[float, float, float]:
    peak = PEAK / WHITE
    a = -(_KNEE**2) * (peak - 1) / (_KNEE**2 - 2 * _KNEE + peak)
    b = (_KNEE**2 - 2 * _KNEE * peak + peak) / (peak - 1)
    return a, b, (b**2 + 2 * b * _KNEE + _KNEE**2) / (b - a)


def _write_table(path: Path, info: VideoInfo) -> None:
    """A .cube file, red changing fastest."""
    axis = np.linspace(0, 1, _NODES)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    table = mapped(np.stack([red, green, blue], axis=-1), info).reshape(-1, 3)
    np.savetxt(path, table, fmt="%.6f", header=f"LUT_3D_SIZE {_NODES}", comments="")
