"""Windows read a piece at a time equal those of the whole sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from f2f.lips.mel_source import BLOCK, LipSound
from lipsync.audio import MEL_16, SAMPLE_RATE, SILENCE, mel_spectrogram, mel_windows


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001), Fraction(1350, 61)])
@pytest.mark.parametrize("offset", [0, -3])
def test_blocks_equal_the_whole(tmp_path: Path, fps: Fraction, offset: int) -> None:
    sound = np.random.default_rng(1).normal(0, 0.1, 30 * SAMPLE_RATE).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", sound, SAMPLE_RATE, "FLOAT")
    frames = [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, int(30 * fps) - 1]
    whole = mel_windows(mel_spectrogram(torch.from_numpy(sound)), frames, fps, offset=offset)
    reader = LipSound(tmp_path / "a.wav", fps=fps, form=MEL_16, offset=offset)
    for frame, expected in zip(frames, whole, strict=True):
        assert torch.allclose(reader.window(frame), expected, atol=1e-4), frame


def test_beyond_the_end_is_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(SAMPLE_RATE, 0.1), SAMPLE_RATE)
    reader = LipSound(tmp_path / "a.wav", fps=Fraction(25), form=MEL_16, offset=0)
    for frame in (100, 5 * BLOCK):
        assert torch.all(reader.window(frame) == SILENCE)


def test_samples_by_seconds(tmp_path: Path) -> None:
    ramp = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    soundfile.write(tmp_path / "a.wav", ramp, SAMPLE_RATE, "FLOAT")
    reader = LipSound(tmp_path / "a.wav", fps=Fraction(25), form=MEL_16, offset=0)
    piece = reader.samples(0.5, 2.0)
    assert len(piece) == SAMPLE_RATE // 2
    assert piece[0] == pytest.approx(0.5, abs=1e-3)
