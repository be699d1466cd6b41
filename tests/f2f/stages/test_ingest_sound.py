"""Sound files are sources of `f2f dub` and `f2f transcribe`, as long as they sound."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from f2f import media
from f2f.config import Config
from f2f.errors import InputError
from f2f.job import listening_stage
from f2f.media import SOUND_RATE
from f2f.media.timeline import duration_in_samples
from f2f.stages.ingest import SOUND, SPEECH
from f2f.store.artefacts import Store
from f2f.store.stage import Plain
from f2f.types import VideoInfo

SECONDS = 3.1


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    clock = np.arange(round(SECONDS * 44_100)) / 44_100
    tone = np.where(clock > SECONDS - 1, 0.3 * np.sin(2 * np.pi * 500 * clock), 0.0)
    soundfile.write(tmp_path / "talk.wav", np.stack([tone, tone], 1), 44_100)
    return tmp_path / "talk.wav"


@pytest.mark.parametrize("kind", ["wav", "mp3", "m4a", "flac", "ogg", "opus", "aac", "cover.mp3"])
def test_a_sound_file_is_heard_to_its_end(wav: Path, tmp_path: Path, kind: str) -> None:
    path = wav.with_suffix(f".{kind}")
    ffmpeg = [media.ffmpeg_binary(), "-loglevel", "error", "-y", "-i", str(wav)]
    if kind == "cover.mp3":
        color = ["-f", "lavfi", "-i", "color=size=64x64", "-frames:v", "1", "-c:v", "mjpeg"]
        subprocess.run([*ffmpeg, *color, "-disposition:v", "attached_pic", str(path)], check=True)
    elif kind != "wav":
        subprocess.run([*ffmpeg, str(path)], check=True)
    store = Store(tmp_path / "store")
    made = Plain(Config(), store)(listening_stage(path), path)
    info = store.read(made, VideoInfo)
    assert info.duration == pytest.approx(SECONDS, abs=0.1)
    assert info.has_audio and not info.still
    samples = duration_in_samples(info.frames, info.fps, SOUND_RATE)
    assert soundfile.info(store.path(made, SOUND)).frames == samples
    sound, rate = soundfile.read(store.path(made, SPEECH))
    loud = np.flatnonzero(np.abs(sound) > 0.1) / rate
    assert (loud[0], loud[-1]) == pytest.approx((SECONDS - 1, SECONDS), abs=0.06)


def test_a_video_is_the_same_source_as_of_a_translation(wav: Path, tmp_path: Path) -> None:
    video = tmp_path / "talk.mp4"
    color = ["-f", "lavfi", "-i", "color=size=64x64:rate=25", "-t", "2"]
    ffmpeg = [media.ffmpeg_binary(), "-loglevel", "error", *color, "-i", str(wav), "-t", "2"]
    subprocess.run([*ffmpeg, str(video)], check=True)
    store = Store(tmp_path / "store")
    made = Plain(Config(), store)(listening_stage(video), video)
    assert made.stage == "ingest"
    assert store.read(made, VideoInfo).fps == Fraction(25)


def test_what_is_neither_seen_nor_heard_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.mp3").write_text("Dear Sir or Madam")
    with pytest.raises(InputError, match=r"^letter\.mp3 is not a video"):
        listening_stage(tmp_path / "letter.mp3")
