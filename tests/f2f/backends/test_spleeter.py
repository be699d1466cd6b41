from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from f2f import weights
from f2f.backends.separation.spleeter import BODY_SECONDS, Spleeter, _load
from f2f.config import Config

RATE = 48_000


class _Evil:
    def __reduce__(self) -> Any:
        return os.system, ("true",)


def test_a_file_that_would_run_code_is_not_read(tmp_path: Path) -> None:
    torch.save(OrderedDict({"down1_conv.1.weight": _Evil()}), tmp_path / "a.ckpt")
    with pytest.raises(Exception, match=r"[Ww]eights only|Unsupported"):
        _load(tmp_path / "a.ckpt")


@pytest.mark.parametrize("seconds", [0.3, BODY_SECONDS + 0.05, 2 * BODY_SECONDS + 3.2])
def test_blocks_join_without_a_seam(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """With networks that call everything accompaniment the sound comes back as it was."""
    separator = Spleeter(Config())
    separator._nets = [torch.nn.Threshold(1e9, 0.0), torch.nn.Identity()]
    time = np.arange(round(seconds * RATE)) / RATE
    wave = 0.4 * np.sin(2 * np.pi * (200 + 20 * time) * time)
    soundfile.write(tmp_path / "a.wav", np.stack([wave, -wave], 1), RATE, "FLOAT")
    separator.background(tmp_path / "a.wav", tmp_path / "b.wav")
    back, _ = soundfile.read(tmp_path / "b.wav")
    assert len(back) == len(wave)
    inner = slice(500, -500)
    assert np.abs(back[inner, 0] - wave[inner]).max() < 0.01


@pytest.mark.slow
@pytest.mark.assets
def test_voice_is_taken_out_of_music(tmp_path: Path, media: Path) -> None:
    if gap := Spleeter.missing(Config()):
        pytest.skip(gap)
    from f2f.media import extract_sound

    talk = media / "intro_640x480_30fps.mp4"
    extract_sound(talk, (tmp_path / "voice.wav", RATE, 2))
    voice, _ = soundfile.read(tmp_path / "voice.wav")
    time = np.arange(len(voice)) / RATE
    notes = sum(np.sin(2 * np.pi * f * time) for f in (220, 277, 330)) * np.exp(-3 * (time % 0.5))
    music = np.stack([notes, 0.8 * notes], 1)
    music *= np.sqrt((voice**2).mean() / (music**2).mean())
    soundfile.write(tmp_path / "mix.wav", voice + music, RATE, "FLOAT")
    with Spleeter(Config()) as separator:
        separator.background(tmp_path / "mix.wav", tmp_path / "rest.wav")
    rest, _ = soundfile.read(tmp_path / "rest.wav")
    assert ratio(rest, music) > ratio(voice + music, music) + 6


def ratio(estimate: np.ndarray, truth: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio in dB."""
    part = (estimate * truth).sum() / (truth * truth).sum() * truth
    return float(10 * np.log10((part**2).sum() / ((estimate - part) ** 2).sum()))


def test_weights_are_in_the_catalogue() -> None:
    assert set(Spleeter.info.weights) <= set(weights.catalogue().entries)
