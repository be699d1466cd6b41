"""Animated WebP pictures are videos, as GIFs are."""

from __future__ import annotations

import logging
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import PIL.Image
import pytest
from clips import bars, number_of

from f2f import media
from f2f.config import Config
from f2f.errors import InputError
from f2f.media import animated_webp
from f2f.stages.ingest import ingest
from f2f.store.artefacts import Store
from f2f.store.digests import digest_file
from f2f.store.stage import Plain
from f2f.types import VideoInfo

DELAYS = [40, 40, 80, 40, 200, 10, 0, 120]
SHOWN = [40, 40, 80, 40, 200, 100, 100, 120]
"""Milliseconds; browsers show what is said to last 10 or fewer for 100."""


def animation(path: Path, delays: list[int], *, alpha: bool = False) -> Path:
    pictures = [PIL.Image.fromarray(bars(number)).convert("RGBA") for number in range(len(delays))]
    for picture in pictures if alpha else ():
        clear = np.full((240, 320), 255, np.uint8)
        clear[200:] = 0
        picture.putalpha(PIL.Image.fromarray(clear))
    pictures[0].save(
        *(path, "WEBP"), save_all=True, append_images=pictures[1:], duration=delays, lossless=True
    )
    return path


def test_every_frame_at_its_time(tmp_path: Path) -> None:
    source = animation(tmp_path / "a.webp", DELAYS)
    assert animated_webp.is_animated(source)
    animated_webp.as_video(source, tmp_path / "a.mov")
    with av.open(str(tmp_path / "a.mov")) as container:
        stream = container.streams.video[0]
        decoded = list(container.decode(stream))
        times = [float(one.pts * one.time_base) for one in decoded]
        length = float(stream.duration * stream.time_base)
    for number, frame in enumerate(decoded):
        assert np.array_equal(frame.to_ndarray(format="rgb24"), bars(number))
    steps = [round(1000 * (after - before)) for before, after in pairwise([*times, length])]
    assert steps == SHOWN


def test_it_is_taken_in_as_a_video(tmp_path: Path) -> None:
    source = animation(tmp_path / "a.webp", [40] * 20)
    store = Store(tmp_path / "store")
    made = Plain(Config(), store)(ingest, source)
    info = store.read(made, VideoInfo)
    assert (info.size, info.fps, info.frames, info.still) == ((320, 240), 25, 20, False)
    assert info.digest == digest_file(source)
    shown = media.frames(store.path(made, info.path), info)
    assert [number_of(image) for image in shown] == list(range(20))
    names = {path.name for path in store.folder(made).iterdir()}
    assert names == {"meta.json", "value.json", info.path}


def test_slow_ones_are_raised_as_a_gif_is(tmp_path: Path) -> None:
    animated_webp.as_video(animation(tmp_path / "a.webp", [100] * 6), tmp_path / "a.mov")
    info = media.probe(tmp_path / "a.mov")
    assert info.fps == 30
    numbers = [number_of(frame) for frame in media.frames(tmp_path / "a.mov", info)]
    assert numbers == [number for number in range(6) for _ in range(3)]


def test_transparency_becomes_white(tmp_path: Path) -> None:
    animated_webp.as_video(animation(tmp_path / "a.webp", [40] * 3, alpha=True), tmp_path / "a.mov")
    info = media.probe(tmp_path / "a.mov")
    for image in media.frames(tmp_path / "a.mov", info):
        assert image[210:].min() >= 252 and abs(int(image[180, 160, 0]) - 96) <= 3


@pytest.mark.parametrize("name", ["still.webp", "a.png", "a.gif"])
def test_other_pictures_are_left_to_libav(tmp_path: Path, name: str) -> None:
    PIL.Image.fromarray(bars(3)).save(tmp_path / name)
    assert not animated_webp.is_animated(tmp_path / name)


def test_what_comes_before_damage_is_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = animation(tmp_path / "a.webp", [40] * 20)
    data = source.read_bytes()
    last = data.rindex(b"VP8L") + 13  # behind the size of the frame
    source.write_bytes(data[:last] + bytes(len(data) - last))
    with caplog.at_level(logging.WARNING):
        animated_webp.as_video(source, tmp_path / "a.mov")
    assert media.probe(tmp_path / "a.mov").frames >= 19
    source.write_bytes(data[:100])
    with pytest.raises(InputError, match="damaged"):
        animated_webp.as_video(source, tmp_path / "b.mov")


def enlarged(path: Path, side: int) -> Path:
    """Its header names a canvas far larger than the file."""
    data = bytearray(animation(path, [40] * 3).read_bytes())
    data[24:30] = (side - 1).to_bytes(3, "little") * 2
    path.write_bytes(bytes(data))
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("side", [4_000, 16_000, 1 << 24])
def test_a_bomb_is_refused_in_one_sentence_and_little_memory(tmp_path: Path, side: int) -> None:
    source = enlarged(tmp_path / "a.webp", side)
    code = (
        "import re, sys; from pathlib import Path; from f2f.config import Config\n"
        "from f2f.errors import InputError; from f2f.stages.ingest import ingest\n"
        "from f2f.store.artefacts import Store; from f2f.store.stage import Plain\n"
        "try: Plain(Config(), Store(Path(sys.argv[2])))(ingest, Path(sys.argv[1]))\n"
        "except InputError as error: print(error)\n"
        "print(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    command = [sys.executable, "-c", code, str(source), str(tmp_path / "store")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    sentence, peak = done.stdout.splitlines()
    assert sentence.startswith(f"a.webp is {side}x{side}; at most 4096x2304 pixels")
    assert int(peak) / 1024 < 400
    assert not list((tmp_path / "store").rglob("*.mov"))
