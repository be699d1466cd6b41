"""The meter against the standard's own figures and against ffmpeg's, an independent oracle."""

import math
import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile

from f2f.soundtrack.loudness import measure

RATE = 48_000


def sine(level_db: float, seconds: float, channels: int = 2, hz: float = 997.0) -> np.ndarray:
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def put(folder: Path, sound: np.ndarray, rate: int = RATE) -> Path:
    path = folder / "sound.wav"
    soundfile.write(path, sound, rate, "FLOAT")
    return path


def oracle(path: Path) -> tuple[float, float]:
    """ffmpeg's ebur128: integrated loudness and true peak."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    run = subprocess.run(
        [program, "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    summary = run.stderr[run.stderr.rindex("Summary:") :]
    integrated = re.search(r"I:\s+(-?[\d.]+) LUFS", summary)
    peak = re.search(r"Peak:\s+(-?[\d.]+|-inf) dBFS", summary)
    assert integrated and peak
    return float(integrated[1]), float(peak[1])


@pytest.mark.parametrize(("channels", "lufs"), [(1, -26.0), (2, -23.0)])
def test_reference_tone(tmp_path: Path, channels: int, lufs: float) -> None:
    """EBU Tech 3341, case 1: a stereo 1 kHz sine at -23 dBFS reads -23 LUFS."""
    assert measure(put(tmp_path, sine(-23, 20, channels))).integrated == pytest.approx(
        lufs, abs=0.1
    )


def test_gates_leave_out_quiet_parts(tmp_path: Path) -> None:
    """EBU Tech 3341, case 3."""
    sound = np.concatenate([sine(-36, 10), sine(-23, 60), sine(-36, 10)])
    assert measure(put(tmp_path, sound)).integrated == pytest.approx(-23.0, abs=0.1)


def test_peak_between_samples(tmp_path: Path) -> None:
    """A quarter-rate sine at 45 degrees: samples at -3 dB, the wave itself at 0 dB."""
    wave = np.sin(2 * np.pi * np.arange(RATE) / 4 + math.pi / 4)
    fade = np.minimum(1, np.minimum(np.arange(RATE), np.arange(RATE)[::-1]) / 4800)
    assert measure(put(tmp_path, (wave * fade)[:, None])).true_peak == pytest.approx(0.0, abs=0.1)


def test_silence_and_very_short(tmp_path: Path) -> None:
    assert measure(put(tmp_path, np.zeros((RATE, 2)))).integrated is None
    assert measure(put(tmp_path, sine(-10, 0.2))).integrated is None


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_agrees_with_ffmpeg(tmp_path: Path, rate: int) -> None:
    """Noise in bursts with a drifting level, longer than one block, so that state must carry."""
    random = np.random.default_rng(1)
    seconds = 23
    level = np.repeat(10 ** (random.uniform(-50, -8, seconds * 2) / 20), rate // 2)
    sound = random.standard_normal((len(level), 2)) * level[:, None] * 0.3
    path = put(tmp_path, sound, rate)
    ours, (integrated, peak) = measure(path), oracle(path)
    assert ours.integrated == pytest.approx(integrated, abs=0.1)
    assert ours.true_peak == pytest.approx(peak, abs=0.2)
