"""Interlaced video has no combs; whatever is progressive stays as it is, sample by sample."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from f2f import media

TIMES = [Fraction(index, 50) for index in range(40)]
SIZE = (320, 240)
CODECS = {
    "h264.mp4": ("libx264", "-flags", "+ilme+ildct", "-x264opts", "{order}=1"),
    "mpeg2.ts": ("mpeg2video", "-flags", "+ilme+ildct", "-q:v", "2"),
    "mpeg2.mkv": ("mpeg2video", "-flags", "+ilme+ildct", "-q:v", "2"),
    "dv422.mov": ("prores_ks", "-flags", "+ilme+ildct", "-pix_fmt", "yuv422p10le"),
}


def interlaced(folder: Path, name: str, order: str = "tff") -> Path:
    """A picture that moves sideways, eight pixels a field, in 25 frames of two fields a second."""
    path = folder / name
    codec = [part.format(order=order) for part in CODECS[name]]
    moving = "crop=320:240:x='200+100*sin(t*6)':y=60,setsar=1"
    fields = f"{moving},interlace=scan={order}:lowpass=off,setfield={order}"
    source = "testsrc2=size=640x360:rate=50:duration=1.6"
    command = [media.ffmpeg_binary(), "-loglevel", "error", "-f", "lavfi", "-i", source]
    subprocess.run([*command, "-vf", fields, "-c:v", *codec, str(path)], check=True)
    return path


def combs(image: np.ndarray) -> float:
    """How much more neighbouring lines differ than lines of the same field."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(int)
    neighbours = np.abs(grey[1:-1] - grey[2:]).mean()
    return float(neighbours / np.abs(grey[:-2] - grey[2:]).mean())


@pytest.mark.parametrize("order", ["tff", "bff"])
@pytest.mark.parametrize("name", CODECS)
def test_interlaced_video_has_no_combs(
    tmp_path: Path, name: str, order: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = interlaced(tmp_path, name, order)
    with av.open(str(path)) as container:
        stored = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    info = media.probe(path)
    assert "is interlaced" in caplog.text
    images = list(media.frames(path, info))
    assert len(images) == info.frames == len(stored) == 40
    assert info.fps == 25
    assert np.median([combs(image) for image in stored]) > 1.2
    assert np.median([combs(image) for image in images]) < 0.9
    for frame in media.pictures(path, info):
        assert not frame.interlaced_frame


def test_progressive_video_is_not_touched(
    clip: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = clip("a.mp4", TIMES)
    with av.open(str(path)) as container:
        stored = [frame.to_ndarray() for frame in container.decode(video=0)]
    shown = [frame.to_ndarray() for frame in media.pictures(path, media.probe(path))]
    assert all(map(np.array_equal, stored, shown))
    assert "interlaced" not in caplog.text
