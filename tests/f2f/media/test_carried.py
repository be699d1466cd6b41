"""What a file carries beside picture and sound, in the file that is delivered."""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest
import vobsub
from clips import bars

from f2f import media
from f2f.media.carried import timecodes
from f2f.media.carried.cargo import Cargo, take_out
from f2f.media.frames import has_picture

COUNT = 50
SIZE = (320, 240)
TIMES = [Fraction(index, 25) for index in range(COUNT)]
Joined = Callable[..., Path]


def ffmpeg(*given: str | Path) -> None:
    command = [media.ffmpeg_binary(), "-loglevel", "error", "-y", *map(str, given)]
    subprocess.run(command, check=True)


@pytest.fixture
def joined(clip: Callable[..., Path], tmp_path: Path) -> Joined:
    """joined(name, files, options): a clip of two seconds with further files in its container."""
    picture = clip("picture.mp4", TIMES, sound=lambda t: 0.1 * np.sin(2000 * t), seconds=2.0)

    def make(name: str, files: Sequence[Path], *options: str) -> Path:
        inputs = [part for file in (picture, *files) for part in ("-i", file)]
        maps = [part for number in range(len(files) + 1) for part in ("-map", str(number))]
        ffmpeg("-copyts", *inputs, *maps, "-c", "copy", *options, tmp_path / name)
        return tmp_path / name

    return make


def delivered(source: Path, *, subtitles: bool = True) -> tuple[Path, Cargo]:
    """The result of a source, whose own picture stands for the new one."""
    folder = source.parent / "result"
    folder.mkdir()
    info = media.probe(source)
    cargo = take_out(
        source,
        folder,
        start=info.start,
        length=Fraction(info.frames) / info.fps,
        rate=info.fps,
        subtitles=subtitles,
    )
    ffmpeg("-i", source.parent / "picture.mp4", "-an", "-c", "copy", folder / "picture.mp4")
    media.extract_sound(source, (folder / "dub.wav", 48_000, 2))
    media.mux(
        *(folder, "picture.mp4", [media.Track("dub.wav", "en", "Dubbed sound")]),
        *(cargo.subtitles, "dub.mp4"),
        seconds=2.0,
        codec="h264",
        audio_bitrate=96_000,
        tags=cargo.tags,
        chapters=cargo.chapters,
        covers=cargo.covers,
        timecode=cargo.timecode,
    )
    return folder / "dub.mp4", cargo


def picture(path: Path) -> Path:
    PIL.Image.fromarray(bars(9, 64, 48)).save(path)
    return path


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp"])
def test_a_cover_survives_byte_by_byte(joined: Joined, tmp_path: Path, suffix: str) -> None:
    cover = picture(tmp_path / f"front.{suffix}")
    source = joined("film.mp4", [cover], "-disposition:v:1", "attached_pic")
    result, _ = delivered(source)
    with av.open(str(result)) as container:
        video, kept = container.streams.video
        assert kept.disposition & av.stream.Disposition.attached_pic
        (packet,) = (one for one in container.demux(kept) if one.size)
        assert bytes(packet) == cover.read_bytes()
        assert video.frames == COUNT
    assert has_picture(result) and media.probe(result).frames == COUNT


def test_covers_of_matroska_survive(joined: Joined, tmp_path: Path) -> None:
    for name in ("cover", "back"):
        picture(tmp_path / f"{name}.png")
    attached = ["-attach", "cover.png", "-attach", "back.png"]
    kinds = [f"-metadata:s:t:{number}" for number in (0, 1)]
    options = [part for kind in kinds for part in (kind, "mimetype=image/png")]
    options += [str(tmp_path / part) if part.endswith(".png") else part for part in attached]
    result, cargo = delivered(joined("film.mkv", [], *options))
    assert len(cargo.covers) == 2
    with av.open(str(result)) as container:
        assert len(container.streams.video) == 3


@pytest.mark.parametrize("kind", ["webp", "bomb"])
def test_what_cannot_be_a_cover_is_told(
    joined: Joined, tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    cover = picture(tmp_path / "cover.webp")
    if kind == "bomb":
        data = bytearray(picture(tmp_path / "cover.bmp").read_bytes())
        data[18:26] = (60_000).to_bytes(4, "little") * 2
        cover.write_bytes(data)
    options = ["-attach", str(cover), "-metadata:s:t:0", "mimetype=image/bmp"]
    source = joined("film.mkv", [], *options)
    with caplog.at_level(logging.WARNING):
        result, cargo = delivered(source)
    if len(av.open(str(source)).streams.video) == 2:
        assert "a cover picture of the source is left out" in caplog.text
    assert cargo.covers == ()
    with av.open(str(result)) as container:
        assert len(container.streams.video) == 1


def test_a_timecode_survives(joined: Joined) -> None:
    source = joined("film.mov", [], "-timecode", "01:02:03:04")
    result, cargo = delivered(source)
    assert cargo.timecode == "01:02:03:04"
    with av.open(str(result)) as container:
        assert container.streams.data[0].metadata["timecode"] == "01:02:03:04"
        assert media.probe(result).frames == COUNT


@pytest.mark.parametrize(
    ("first", "frames", "dropped", "later"),
    [
        ("01:00:00:00", 25, False, "01:00:01:00"),
        ("00:00:59;29", 1, True, "00:01:00;02"),
        ("00:09:59;29", 1, True, "00:10:00;00"),
        ("00:00:00;00", 17_982, True, "00:10:00;00"),
        ("23:59:59:24", 1, False, "00:00:00:00"),
        ("00:01:00;02", -1, True, "00:00:59;29"),
    ],
)
def test_how_timecodes_count(first: str, frames: int, dropped: bool, later: str) -> None:
    """With drop-frame numbers left out as SMPTE ST 12-1 says."""
    clock = timecodes._Clock(30 if dropped else 25, 2 if dropped else 0)
    hours, minutes, seconds, number = map(int, re.split("[:;]", first))
    start = clock.number(hours * 60 + minutes, seconds, number)
    assert clock.written(start) == first
    assert clock.written(start + frames) == later


def test_every_drop_frame_number_comes_once() -> None:
    clock = timecodes._Clock(30, 2)
    written = [clock.written(number) for number in range(20_000)]
    assert len(set(written)) == len(written) and written == sorted(written)
    assert not {f"00:0{minute}:00;0{frame}" for minute in range(1, 10) for frame in "01"} & {
        *written
    }


def test_a_timecode_that_counts_other_frames_is_told(
    joined: Joined, caplog: pytest.LogCaptureFixture
) -> None:
    source = joined("film.mov", [], "-timecode", "01:02:03:04")
    with caplog.at_level(logging.WARNING):
        assert timecodes.at(source, start=Fraction(0), rate=Fraction(50)) is None
    assert "timecode of the source (01:02:03:04) is left out" in caplog.text
    assert timecodes.at(source, start=Fraction(-1, 5), rate=Fraction(25)) == "01:02:02:24"


def test_pictured_subtitles_survive_where_mp4_has_a_form_for_them(
    joined: Joined, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spans = [(500, 700), (1500, 9000), (5000, 500)]
    source = joined("film.mkv", [vobsub.write(tmp_path / "subs.mkv", spans, size=SIZE)])
    with caplog.at_level(logging.WARNING):
        result, cargo = delivered(source)
    assert "subtitle track 2 (de, pgssub) is left out" in caplog.text
    assert len(cargo.subtitles) == 1
    with av.open(str(result)) as container:
        (kept,) = container.streams.subtitles
        assert kept.language == "fra" and kept.codec_context.name == "dvdsub"
        assert not kept.disposition & av.stream.Disposition.default
        packets = [one for one in container.demux(kept) if one.size and one.size > 4]
        starts = [float(one.pts * one.time_base) for one in packets]
        assert starts == pytest.approx([0.5, 1.5], abs=0.002)
        assert media.probe(result).frames == COUNT
    data = result.read_bytes()
    assert [data[one.end() + 3] & 1 for one in re.finditer(b"tkhd", data)] == [1, 1, 0]
    shown = drawn(result)
    assert [bool(red) for red in shown[:COUNT]] == [
        0.5 <= k / 25 < 1.21 or k / 25 >= 1.5 for k in range(50)
    ]


def drawn(path: Path) -> list[Any]:
    """Of each frame, whether the rectangle is seen in its colour and at its place."""
    seen = path.parent / "seen.mkv"
    ffmpeg("-i", path, "-filter_complex", "[0:v:0][0:s:0]overlay", "-c:v", "ffv1", "-an", seen)
    with av.open(str(seen)) as container:
        images = [one.to_ndarray(format="rgb24") for one in container.decode(video=0)]
    return [(image[130, 160, 0] > 200 and image[130, 160, 1] < 60) for image in images]


def test_subtitles_that_are_not_asked_for_stay_out(joined: Joined, tmp_path: Path) -> None:
    subs = vobsub.write(tmp_path / "subs.mkv", [(500, 700)], size=SIZE)
    result, _ = delivered(joined("film.mkv", [subs]), subtitles=False)
    with av.open(str(result)) as container:
        assert len(container.streams.subtitles) == 0
