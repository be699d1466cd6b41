"""All eight ways in which a picture can lie, against Pillow's and ffmpeg's own upright pictures."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from clips import bars
from PIL import Image, ImageOps

from f2f import media
from f2f.media.orientation import Orientation, of_matrix

TIMES = [Fraction(index, 25) for index in range(10)]


def shown(path: Path) -> np.ndarray:
    return next(media.frames(path, media.probe(path)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tiff"])
def test_pictures_are_upright_as_pillow_s(tmp_path: Path, orientation: int, kind: str) -> None:
    picture = Image.fromarray(bars(397, 240, 160)[:, :, ::-1])
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{kind}"
    picture.save(path, exif=exif, quality=95)
    with Image.open(path) as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))[:, :, ::-1]
    image = shown(path)
    assert image.shape == expected.shape
    assert np.abs(image.astype(int) - expected).mean() < 3


@pytest.mark.parametrize("flips", [(), ("-display_hflip",), ("-display_vflip",)])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("kind", ["mp4", "mov"])
def test_videos_are_upright_as_ffmpeg_s(
    clip: Callable[..., Path], flips: tuple[str, ...], degrees: int, kind: str
) -> None:
    flat = clip("flat.mp4", TIMES)
    turned, oracle = flat.with_name(f"turned.{kind}"), flat.with_name("oracle.png")
    ffmpeg = (media.ffmpeg_binary(), "-loglevel", "error")
    matrix = ("-display_rotation", str(degrees), *flips)
    subprocess.run([*ffmpeg, *matrix, "-i", str(flat), "-c", "copy", str(turned)], check=True)
    subprocess.run([*ffmpeg, "-i", str(turned), "-frames:v", "1", str(oracle)], check=True)
    image, expected = shown(turned), cv2.imread(str(oracle))
    assert image.shape == expected.shape
    assert np.abs(image.astype(int) - expected).mean() < 2


def test_a_matrix_that_is_not_quite_a_quarter_turn_is_the_nearest() -> None:
    assert of_matrix(65000, 900, 0, -900, 65000) == Orientation()
    assert of_matrix(-900, 65000, 0, 65000, 900) == Orientation(90, mirrored=True)


def test_a_mirrored_picture_keeps_what_is_not_changed(clip: Callable[..., Path]) -> None:
    """Only samples change places: nothing is computed anew."""
    flat = clip("flat.mp4", TIMES)
    turned = flat.with_name("turned.mp4")
    command = [media.ffmpeg_binary(), "-loglevel", "error", "-display_hflip", "-i", str(flat)]
    subprocess.run([*command, "-c", "copy", str(turned)], check=True)
    mirrored = next(media.pictures(turned, media.probe(turned))).to_ndarray()
    with av.open(str(flat)) as container:
        plain = next(container.decode(video=0)).to_ndarray()
    assert np.array_equal(mirrored[:240], plain[:240, ::-1])
