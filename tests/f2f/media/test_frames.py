from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from clips import bars, number_of

from f2f import media
from f2f.errors import InputError
from f2f.media.pictures import TEN_BIT, copy, planes, repaint, to_bgr

TIMES = [Fraction(index, 25) for index in range(20)]


def first(path: Path) -> tuple[Any, np.ndarray]:
    info = media.probe(path)
    return info, next(media.frames(path, info))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_applied(clip: Callable[..., Path], degrees: int) -> None:
    """Written as a phone does: the pixels lie on their side and a matrix says so."""
    flat = clip("flat.mp4", TIMES)
    turned = flat.with_name("turned.mp4")
    subprocess.run(
        [
            *(media.ffmpeg_binary(), "-loglevel", "error", "-display_rotation", str(degrees)),
            *("-i", str(flat), "-c", "copy", str(turned)),
        ],
        check=True,
    )
    info, image = first(turned)
    assert info.size == ((240, 320) if degrees % 180 else (320, 240))
    oracle = flat.with_name("oracle.png")  # ffmpeg turns frames itself
    subprocess.run(
        [
            *(media.ffmpeg_binary(), "-loglevel", "error"),
            *("-i", str(turned), "-frames:v", "1", str(oracle)),
        ],
        check=True,
    )
    assert np.abs(image.astype(int) - cv2.imread(str(oracle))).mean() < 2


@pytest.mark.parametrize("size", [(321, 241), (320, 241), (321, 240)])
def test_odd_sizes_lose_one_line(clip: Callable[..., Path], size: tuple[int, int]) -> None:
    path = clip("odd.mp4", TIMES, size=size, pixel_format="yuv444p")
    info, image = first(path)
    assert info.size == (320, 240)
    assert image.shape == (240, 320, 3)
    assert number_of(list(media.frames(path, info))[7]) == 7


@pytest.mark.parametrize(
    "pixel_format", ["yuv420p10le", "yuv422p", "yuv444p", "yuvj420p", "yuv422p10le"]
)
def test_pixel_formats_become_the_same_picture(
    clip: Callable[..., Path], pixel_format: str
) -> None:
    _, image = first(clip("a.mkv", TIMES, pixel_format=pixel_format))
    assert np.abs(image[10:110:9, 16::32].astype(int) - bars(0)[10:110:9, 16::32]).max() <= 4


def test_ten_bits_stay_ten_bits(clip: Callable[..., Path]) -> None:
    hdr = {"color_primaries": 9, "color_trc": 16, "colorspace": 9, "color_range": 1}
    path = clip("a.mp4", TIMES, codec="libx265", pixel_format="yuv420p10le", colors=hdr)
    info = media.probe(path)
    tags = (info.color_primaries, info.color_transfer, info.color_space, info.color_range)
    assert tags == (9, 16, 9, 1)
    picture = next(media.pictures(path, info, pixel_format=TEN_BIT))
    assert planes(picture)[0].max() > 255
    assert media.pixel_format(info, "h265") == TEN_BIT
    assert media.pixel_format(info, "h264") == "yuv420p"


def test_untouched_pictures_are_the_decoders_own(clip: Callable[..., Path]) -> None:
    path = clip("a.mp4", TIMES)
    info = media.probe(path)
    with av.open(str(path)) as container:
        truth = [[plane.copy() for plane in planes(frame)] for frame in container.decode(video=0)]
    for picture, expected in zip(media.pictures(path, info), truth, strict=True):
        assert repaint(picture, to_bgr(picture, info), to_bgr(picture, info), info) is picture
        assert all(map(np.array_equal, planes(picture), expected))


@pytest.mark.parametrize("matrix", [1, 6, 9])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv420p10le"])
def test_repaint_changes_only_the_patch_and_gets_its_colour_right(
    clip: Callable[..., Path], matrix: int, pixel_format: str
) -> None:
    path = clip("a.mp4", TIMES, pixel_format=pixel_format, colors={"colorspace": matrix})
    info = media.probe(path)
    picture = next(media.pictures(path, info, pixel_format=pixel_format))
    before = to_bgr(picture, info)
    after = before.copy()
    after[101:141, 63:103] = (40, 90, 200)
    painted = repaint(picture, before, after, info)
    assert np.abs(to_bgr(painted, info)[104:138, 66:100].astype(int) - (40, 90, 200)).max() <= 4
    for new, old, step in zip(planes(painted), planes(picture), (1, 2, 2), strict=True):
        touched = np.zeros(old.shape, bool)
        touched[100 // step : 142 // step, 62 // step : 104 // step] = True
        assert np.array_equal(new[~touched], old[~touched])
    assert all(map(np.array_equal, planes(copy(picture)), planes(picture)))


def test_picture_and_gif(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), bars(5, 301, 200))
    info, image = first(tmp_path / "a.png")
    assert info.still
    assert (info.size, info.frames, number_of(image)) == ((300, 200), 1, 5)
    assert len(list(media.frames(tmp_path / "a.png", info, count=7))) == 7
    with av.open(str(tmp_path / "a.gif"), "w") as container:
        stream: Any = container.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "rgb8"
        for number in range(6):
            frame = av.VideoFrame.from_ndarray(bars(number), format="bgr24")
            container.mux(stream.encode(frame.reformat(format="rgb8")))
        container.mux(stream.encode())
    info = media.probe(tmp_path / "a.gif")
    numbers = [number_of(frame) for frame in media.frames(tmp_path / "a.gif", info)]
    assert not info.still
    assert info.fps == 30
    assert numbers == [number for number in range(6) for _ in range(3)]


def test_transparency_becomes_white(tmp_path: Path) -> None:
    image = np.zeros((64, 64, 4), np.uint8)
    image[:32] = (0, 0, 255, 255)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    _, shown = first(tmp_path / "a.png")
    assert np.abs(shown[8, 8].astype(int) - (0, 0, 255)).max() <= 4
    assert shown[56, 56].min() >= 252


def test_large_pictures_are_reduced(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.jpg"), bars(5, 6000, 4000))
    info, image = first(tmp_path / "a.jpg")
    assert info.size == (1920, 1280)
    assert number_of(image) == 5


def test_a_cut_off_file_gives_what_is_there(clip: Callable[..., Path]) -> None:
    whole = clip("a.mkv", [Fraction(index, 25) for index in range(200)])
    cut = whole.with_name("cut.mkv")
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    info = media.probe(cut)
    assert 80 < info.frames < 160
    numbers = [number_of(image) for image in media.frames(cut, info)]
    assert numbers[:-2] == list(range(len(numbers) - 2))


def test_a_damaged_middle_holds_the_picture_and_the_time(clip: Callable[..., Path]) -> None:
    whole = clip("a.mp4", [Fraction(index, 25) for index in range(100)])
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    whole.write_bytes(bytes(data))
    info = media.probe(whole)
    assert info.frames == len(list(media.frames(whole, info))) == 100


def test_sound_alone_and_a_picture_too_large_are_refused(
    tmp_path: Path, clip: Callable[..., Path]
) -> None:
    import soundfile

    soundfile.write(tmp_path / "a.wav", np.zeros(1000), 16000)
    with pytest.raises(InputError, match="sound but no picture"):
        media.probe(tmp_path / "a.wav")
    with pytest.raises(InputError, match="7680x4320"):
        media.probe(clip("big.mp4", TIMES[:2], size=(7680, 4320)))
