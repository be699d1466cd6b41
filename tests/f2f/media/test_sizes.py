"""Pictures that are far larger than their file are refused before memory is taken for them."""

from __future__ import annotations

import logging
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import bars, make, number_of

from f2f import media
from f2f.errors import InputError
from f2f.media import sizes
from f2f.media.opening import opened
from f2f.media.pictures import opaque

SIDE = 16_000
"""256 megapixels, in every format's range."""
PEAK_MB = 400
"""Far above what importing takes, far below a picture of SIDE x SIDE with four bytes a pixel."""
JPEG_SIZE = re.compile(rb"(\xff\xc0\x00\x11\x08)....", re.DOTALL)
TIMES = [Fraction(index, 25) for index in range(10)]


def png(path: Path) -> None:
    """Whole and valid: 256 million white pixels in a quarter of a megabyte."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    row = b"\0" + b"\xff" * SIDE
    rows = b"".join(packer.compress(row) for _ in range(SIDE)) + packer.flush()
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    chunks = (chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def jpeg(path: Path) -> None:
    cv2.imwrite(str(path), bars(5))
    path.write_bytes(enlarged(path.read_bytes()))


def webp(path: Path) -> None:
    """Lossless, whose header packs both sides, less one, into 14 bits each."""
    _, packed = cv2.imencode(".webp", bars(5), [cv2.IMWRITE_WEBP_QUALITY, 101])
    data = bytearray(packed.tobytes())
    at = data.index(b"VP8L") + 9
    bits = int.from_bytes(data[at : at + 4], "little") >> 28
    data[at : at + 4] = (bits << 28 | (SIDE - 1) << 14 | SIDE - 1).to_bytes(4, "little")
    path.write_bytes(bytes(data))


def gif(path: Path) -> None:
    size = struct.pack("<HH", SIDE, SIDE)
    picture = b"," + bytes(4) + size + b"\0" + b"\x02\x02\x4c\x01\0"
    path.write_bytes(b"GIF89a" + size + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + picture * 3 + b";")


def tiff(path: Path) -> None:
    cv2.imwrite(str(path), bars(5))
    data = path.read_bytes()
    for tag in (256, 257):
        entry = struct.pack("<HH", tag, 3)
        at = data.index(entry)
        data = data[:at] + struct.pack("<HHIHH", tag, 3, 1, SIDE, 0) + data[at + 12 :]
    path.write_bytes(data)


def video(path: Path) -> None:
    """Its container says 320x240, its frames that they are larger."""
    make(path, TIMES, codec="mjpeg", pixel_format="yuvj420p")
    path.write_bytes(enlarged(path.read_bytes()))


def enlarged(data: bytes, times: int = 0) -> bytes:
    return JPEG_SIZE.sub(rb"\g<1>" + struct.pack(">HH", SIDE, SIDE), data, count=times)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.png", png),
        ("a.jpg", jpeg),
        ("a.webp", webp),
        ("a.gif", gif),
        ("a.tiff", tiff),
        ("a.mkv", video),
    ],
)
def test_a_bomb_is_refused_in_one_sentence_and_little_memory(
    tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    path = tmp_path / name
    write(path)
    assert path.stat().st_size < 1_000_000
    code = (
        "import re, sys; from pathlib import Path; from f2f import media\n"
        "from f2f.errors import InputError\n"
        "try: media.probe(Path(sys.argv[1]))\n"
        "except InputError as error: print(error)\n"
        "print(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    sentence, peak = done.stdout.splitlines()
    assert re.search(rf"^{name}.*(larger than 8192x6144|at most 8192x6144) pixels", sentence)
    assert int(peak) / 1024 < PEAK_MB


def test_the_limits_are_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture may be larger than a video, and is reduced; one line more is too much."""
    monkeypatch.setattr(sizes, "LARGEST_PICTURE", sizes.Limit(600, 800))
    monkeypatch.setattr(sizes, "LARGEST_VIDEO", sizes.Limit(640, 480))
    cv2.imwrite(str(tmp_path / "a.png"), bars(5, 800, 600))
    assert media.probe(tmp_path / "a.png").size == (800, 600)
    cv2.imwrite(str(tmp_path / "b.png"), bars(5, 800, 601))
    with pytest.raises(InputError, match="800x601; at most 600x800 pixels"):
        media.probe(tmp_path / "b.png")
    assert media.probe(make(tmp_path / "a.mp4", TIMES, size=(640, 480))).size == (640, 480)
    with pytest.raises(InputError, match="642x480; at most 640x480 pixels"):
        media.probe(make(tmp_path / "b.mp4", TIMES, size=(642, 480)))
    single = make(tmp_path / "c.mp4", TIMES[:1], size=(642, 480))
    assert media.probe(single).still


@pytest.mark.parametrize("size", [(10_000, 100), (24, 400)])
def test_too_small_a_face_is_refused_after_reduction_too(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), bars(5, *size))
    with pytest.raises(InputError, match="too small to show a face"):
        media.probe(tmp_path / "a.png")


def test_frames_that_grow_in_the_middle_are_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = make(tmp_path / "a.mkv", TIMES, codec="mjpeg", pixel_format="yuvj420p")
    data = path.read_bytes()
    fourth = [match.start() for match in JPEG_SIZE.finditer(data)][4]
    path.write_bytes(data[:fourth] + enlarged(data[fourth:], times=1))
    with caplog.at_level(logging.WARNING):
        numbers = [number_of(image) for image in media.frames(path, media.probe(path))]
    assert numbers == [0, 1, 2, 3, 3, 5, 6, 7, 8, 9]
    assert "damaged pieces of the video were skipped" in caplog.text


def test_transparency_is_the_same_in_bands(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (600, 64, 4), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    with opened(tmp_path / "a.png") as container:
        (frame,) = container.decode(video=0)
        mixed = opaque(frame.reformat(format="rgba").to_ndarray())
    alpha = image[..., 3:].astype(float) / 255
    wanted = image[..., 2::-1] * alpha + 255 * (1 - alpha)
    assert np.abs(mixed - wanted).max() <= 0.51
