"""What becomes of a source's channels: its own sound keeps them, the dub has two."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from f2f import media
from f2f.config import Delivery
from f2f.delivery import files
from f2f.media.carried.cargo import Cargo

RATE = 48_000
SECONDS = 2
PITCHES = (300, 500, 700, 60, 900, 1100, 1300, 1500)
NOTHING = Cargo({}, (), None, (), ())


def source(folder: Path, layout: str, count: int) -> Path:
    """A film with a tone of its own in each channel."""
    clock = np.arange(SECONDS * RATE) / RATE
    tones = np.stack([0.2 * np.sin(2 * np.pi * pitch * clock) for pitch in PITCHES[:count]], axis=1)
    soundfile.write(folder / "tones.wav", tones, RATE)
    command = [media.ffmpeg_binary(), "-loglevel", "error", "-f", "lavfi"]
    command += ["-i", f"color=gray:s=64x64:r=25:d={SECONDS}", "-i", "tones.wav"]
    command += ["-af", f"channelmap=channel_layout={layout}" if count > 2 else "anull"]
    subprocess.run([*command, "-c:a", "flac", "film.mkv"], check=True, cwd=folder)
    return folder / "film.mkv"


def pitches(path: Path, number: int) -> list[list[int]]:
    """Of each channel of a sound track, the tones that are heard in it."""
    heard = path.parent / "heard.wav"
    command = [media.ffmpeg_binary(), "-loglevel", "error", "-i", str(path)]
    subprocess.run([*command, "-map", f"0:a:{number}", "-c:a", "pcm_s16le", str(heard)], check=True)
    samples, _ = soundfile.read(heard, always_2d=True)
    heard.unlink()
    sound = samples.T[:, RATE // 2 : RATE * 3 // 2]  # (channels, samples)
    power = np.abs(np.fft.rfft(sound, axis=1))  # a bin is one Hz
    return [[pitch for pitch in PITCHES if row[pitch] > 0.1 * power.max()] for row in power]


@pytest.mark.parametrize(
    ("layout", "count", "kept"),
    [
        ("mono", 1, 1),
        ("stereo", 2, 2),
        ("5.1", 6, 6),
        ("5.1(side)", 6, 6),
        ("7.1", 8, 8),
        ("quad", 4, 2),
    ],
)
def test_the_sources_own_sound_keeps_its_channels(
    tmp_path: Path, layout: str, count: int, kept: int
) -> None:
    film = source(tmp_path, layout, count)
    info = media.probe(film)
    folder = tmp_path / "result"
    folder.mkdir()
    media.extract_sound(film, (folder / "mixed.wav", RATE, 2), duration=Fraction(SECONDS))
    with media.Encoder(folder / "picture.mp4", info, Delivery()) as encoder:
        for picture in media.pictures(film, info):
            encoder.write(picture)
    files.keep_original(film, info, folder, track=None)
    files.join(
        *(folder, folder / "mixed.wav", (), ("en", "hi"), Delivery()), lips=False, cargo=NOTHING
    )
    dub, own = pitches(folder / "dub.mp4", 0), pitches(folder / "dub.mp4", 1)
    assert (len(dub), len(own)) == (2, kept)
    if kept == count:
        assert own == [[pitch] for pitch in PITCHES[:count]]
    if count == 2:
        assert dub == [[300], [500]]
    assert sorted(path.name for path in folder.iterdir()) == ["dub.mp4", "mixed.wav"]
