"""Sound whose channels cancel each other is heard all the same."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from f2f import media
from f2f.media.downmix import Downmix

RATE = 16_000
TIMES = np.arange(3 * RATE) / RATE
VOICE = 0.5 * np.sin(2 * np.pi * 300 * TIMES) * (1 + np.sin(2 * np.pi * 3 * TIMES)) / 2
NOISE = 0.01 * np.random.default_rng(0).standard_normal(len(TIMES))


def mono(folder: Path, *channels: np.ndarray) -> np.ndarray:
    soundfile.write(folder / "a.wav", np.stack(channels, axis=1), RATE)
    media.extract_sound(folder / "a.wav", (folder / "m.wav", RATE, 1))
    return soundfile.read(folder / "m.wav")[0]


def level(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.square(sound).mean())))


@pytest.mark.parametrize("other", [-VOICE, -0.7 * VOICE, NOISE - VOICE, -np.roll(VOICE, 1)])
@pytest.mark.parametrize("order", [1, -1])
def test_opposite_phase_is_the_louder_channel(
    tmp_path: Path, other: np.ndarray, order: int
) -> None:
    sound = mono(tmp_path, *(VOICE, other)[::order])
    assert len(sound) == len(VOICE)
    assert level(sound) == pytest.approx(level(VOICE), abs=1)
    assert abs(np.corrcoef(sound, VOICE)[0, 1]) > 0.98


@pytest.mark.parametrize("half", [1, 2])
def test_a_part_in_opposite_phase_is_heard_and_the_rest_is_summed(
    tmp_path: Path, half: int
) -> None:
    turned = np.where((TIMES < 1.5) == (half == 1), -VOICE, VOICE)
    sound = mono(tmp_path, VOICE, turned)
    for window in np.split(np.square(sound), 12):  # a quarter of a second each
        assert window.mean() > 1e-3
    assert np.abs(np.diff(sound)).max() < 3 * np.abs(np.diff(VOICE)).max()


def test_what_does_not_cancel_is_summed_as_ever(tmp_path: Path) -> None:
    other = 0.3 * np.sin(2 * np.pi * 470 * TIMES)
    sound = mono(tmp_path, VOICE, other)
    assert np.abs(sound - (VOICE + other) / 2).max() < 1e-3
    assert level(mono(tmp_path, VOICE, 0 * VOICE)) == pytest.approx(level(VOICE / 2), abs=0.1)
    assert not mono(tmp_path, 0 * VOICE, 0 * VOICE).any()


def test_surround_in_opposite_phase_keeps_its_voice_and_length() -> None:
    layout = av.AudioLayout("5.1")
    names = [channel.name for channel in layout.channels]
    sound = np.zeros((len(VOICE), 6), np.float32)
    sound[:, names.index("FL")], sound[:, names.index("FR")] = VOICE, -VOICE
    sound[:, names.index("LFE")] = 1.0
    mix = Downmix(layout, 1, RATE)
    parts = [mix.put(block) for block in np.array_split(sound, 50)]
    made = np.concatenate([*parts, mix.end()])[:, 0]
    assert len(made) == len(VOICE)
    assert np.abs(np.abs(made) - np.abs(VOICE)).max() < 1e-3


def test_stereo_stays_as_it_is(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.stack([VOICE, -VOICE], axis=1), RATE)
    media.extract_sound(tmp_path / "a.wav", (tmp_path / "s.wav", RATE, 2))
    assert np.abs(soundfile.read(tmp_path / "s.wav")[0] - np.stack([VOICE, -VOICE], 1)).max() < 1e-3
