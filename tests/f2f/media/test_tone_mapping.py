"""HLG and PQ in 8 bits of BT.709 look right: greys stay grey, order stays, colours stay colours."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from f2f import media
from f2f.media.pictures import TEN_BIT, planes, to_bgr
from f2f.media.tone_mapping import (
    HLG,
    PQ,
    ToneMap,
    is_hdr,
    mapped,
    repaint,
    standard_form,
    unmapped,
)
from f2f.types import VideoInfo

TIMES = [Fraction(index, 25) for index in range(3)]
COLORS = {"color_primaries": 9, "colorspace": 9, "color_range": 1}
REFERENCE_WHITE = {HLG: 0.75, PQ: 0.58}
"""Signal of 203 cd/m², ITU-R BT.2408 table 1."""


@pytest.fixture(params=[HLG, PQ])
def info(request: pytest.FixtureRequest, clip: Callable[..., Path]) -> VideoInfo:
    colors = {**COLORS, "color_trc": request.param}
    path = clip("a.mp4", TIMES, codec="libx265", pixel_format=TEN_BIT, colors=colors)
    found = media.probe(path)
    assert is_hdr(found)
    return found


def test_greys_stay_grey_rise_and_white_is_white(info: VideoInfo) -> None:
    ramp = np.repeat(np.linspace(0, 1, 101)[:, None], 3, axis=1)
    shown = mapped(ramp, info)
    assert np.ptp(shown, axis=1).max() < 0.002
    assert (np.diff(shown[:, 0]) >= 0).all()
    assert shown[0, 0] == 0 and shown[-1, 0] == pytest.approx(1)
    white = mapped(np.full((1, 3), REFERENCE_WHITE[info.color_transfer]), info)
    assert white == pytest.approx(0.85, abs=0.02)


def test_the_same_light_looks_the_same_in_both(info: VideoInfo) -> None:
    """18% grey and reference white by ITU-R BT.2408: 26 and 203 cd/m²."""
    other = replace(info, color_transfer=PQ if info.color_transfer == HLG else HLG)
    signal = {HLG: (0.38, 0.75), PQ: (0.38, 0.58)}
    for one, two in zip(signal[info.color_transfer], signal[other.color_transfer], strict=True):
        here, there = mapped(np.full((1, 3), one), info), mapped(np.full((1, 3), two), other)
        assert here == pytest.approx(there, abs=0.02)


def test_what_is_mapped_can_be_taken_back(info: VideoInfo) -> None:
    """Within what the source's codes can show: HLG's are clipped near the purest, brightest."""
    colors = np.random.default_rng(0).uniform(0.1, 0.75, (5000, 3))
    assert np.abs(mapped(unmapped(colors, info), info) - colors).max() < 0.002


def test_a_change_is_made_in_the_sources_own_codes(info: VideoInfo) -> None:
    """And nothing else changes, not by a step."""
    grey = av.VideoFrame.from_ndarray(np.full((240, 320, 3), 120, np.uint8), format="bgr24")
    picture = grey.reformat(format=TEN_BIT, dst_colorspace=9, src_color_range=2, dst_color_range=1)
    look = ToneMap(info)
    before = look.image(picture)
    after = before.copy()
    after[100:140, 60:100] = (60, 80, 180)
    painted = repaint(picture, before, after, info)
    assert np.abs(look.image(painted)[104:136, 64:96].astype(int) - (60, 80, 180)).max() <= 5
    for new, old, step in zip(planes(painted), planes(picture), (1, 2, 2), strict=True):
        untouched = np.ones(old.shape, bool)
        untouched[100 // step : 140 // step, 60 // step : 100 // step] = False
        assert np.array_equal(new[untouched], old[untouched])
    assert repaint(picture, before, before, info) is picture


def test_high_dynamic_range_is_looked_at_as_it_will_look(info: VideoInfo, tmp_path: Path) -> None:
    """By the detector and the lips' generator, which know the standard range only."""
    path = tmp_path / "a.mp4"
    (picture,) = itertools.islice(media.pictures(path, info, pixel_format=TEN_BIT), 1)
    (image,) = itertools.islice(media.frames(path, info), 1)
    assert np.array_equal(image, ToneMap(info).image(picture))
    assert not np.array_equal(image, to_bgr(picture, info))


@pytest.mark.parametrize("color", list(np.ndindex(2, 2, 2)))
def test_pictures_are_mapped_as_the_formulas_say(info: VideoInfo, color: tuple[int, ...]) -> None:
    rgb = np.array(color) * 0.3 + 0.25
    codes = np.empty((3, 240, 320), np.uint16)
    codes[:] = np.rint(rgb[[1, 2, 0]] * 1023)[:, None, None]
    frame = av.VideoFrame(320, 240, "gbrp10le")
    for plane, values in zip(frame.planes, codes, strict=True):
        np.frombuffer(plane, np.uint16).reshape(240, -1)[:, :320] = values
    hdr = frame.reformat(format=TEN_BIT, dst_colorspace=9, src_color_range=2, dst_color_range=1)
    shown = ToneMap(info)(hdr)
    assert shown.format.name == "yuv420p"
    bgr = to_bgr(shown, standard_form(info))[120, 160]
    assert bgr[::-1] / 255 == pytest.approx(mapped(rgb, info), abs=0.025)
