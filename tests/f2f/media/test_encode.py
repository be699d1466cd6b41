"""Encoding leaves alone what it is given, and leaves nothing behind where it fails."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from clips import number_of

from f2f import media
from f2f.config import Delivery
from f2f.errors import StageError
from f2f.media.pictures import blank, planes

TIMES = [Fraction(index, 25) for index in range(20)]
OPTIONS = Delivery(preset="ultrafast")


def state(picture: Any) -> tuple[Any, ...]:
    samples = [plane.copy() for plane in planes(picture)]
    return picture.pts, picture.time_base, picture.pict_type, picture.opaque, samples


def test_pictures_are_as_they_were_and_each_gets_its_own_time(
    clip: Callable[..., Path], tmp_path: Path
) -> None:
    """One frame of the decoder is written several times, as where the source's rate varies."""
    path = clip("a.mp4", TIMES)
    info = media.probe(path)
    shown = list(media.pictures(path, info))
    shown[3] = shown[4] = shown[5]
    shown[6] = blank(info.size, "yuv420p")  # has no time at all
    for plane, source in zip(planes(shown[6]), planes(shown[7]), strict=True):
        plane[...] = source
    before = [state(picture) for picture in shown]
    with media.Encoder(tmp_path / "b.mp4", info, OPTIONS) as encoder:
        for picture in shown:
            encoder.write(picture)
    for picture, (*facts, samples) in zip(shown, before, strict=True):
        *now, left = state(picture)
        assert now == facts
        assert all(map(np.array_equal, left, samples))
    with av.open(str(tmp_path / "b.mp4")) as container:
        written = [(frame.time, frame) for frame in container.decode(video=0)]
    assert [time for time, _ in written] == pytest.approx([float(time) for time in TIMES])
    numbers = [number_of(frame.to_ndarray(format="bgr24")) for _, frame in written]
    assert numbers == [0, 1, 2, 5, 5, 5, 7, 7, *range(8, 20)]


def test_what_fails_half_way_leaves_no_file(clip: Callable[..., Path], tmp_path: Path) -> None:
    path, target = clip("a.mp4", TIMES), tmp_path / "b.mp4"
    info = media.probe(path)
    with pytest.raises(KeyboardInterrupt), media.Encoder(target, info, OPTIONS) as encoder:
        encoder.write(next(media.pictures(path, info)))
        raise KeyboardInterrupt
    assert not target.exists()


def test_an_encoder_that_is_not_there_is_one_sentence(
    clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = media.probe(clip("a.mp4", TIMES))
    monkeypatch.setitem(media.encode.CODECS, "h264", "libnothing")
    with pytest.raises(StageError, match="h264 video cannot be written here"):
        media.Encoder(tmp_path / "b.mp4", info, OPTIONS)
    assert not (tmp_path / "b.mp4").exists()
