"""Pitch against tones of known frequency."""

from __future__ import annotations

import numpy as np
import pytest

from f2f.listening.pitch import gender_of, median_pitch
from f2f.roles import SPEECH_RATE, Samples


def voice(frequency: float, *, seconds: float = 1.0, noise: float = 0.0) -> Samples:
    """A buzz with ten harmonics that fall off like a voice's."""
    time = np.arange(round(seconds * SPEECH_RATE)) / SPEECH_RATE
    buzz = sum(np.sin(2 * np.pi * frequency * k * time + k) / k for k in range(1, 11))
    generator = np.random.default_rng(0)
    return (0.1 * buzz + noise * generator.standard_normal(len(time))).astype(np.float32)


@pytest.mark.parametrize("frequency", [70.0, 110.0, 155.0, 220.0, 330.0])
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_the_pitch_of_a_voice(frequency: float, noise: float) -> None:
    assert median_pitch(voice(frequency, noise=noise)) == pytest.approx(frequency, rel=0.015)


def test_pauses_do_not_count() -> None:
    silence = np.zeros(5 * SPEECH_RATE, np.float32)
    assert median_pitch(np.concatenate([silence, voice(120.0)])) == pytest.approx(120.0, rel=0.015)


def test_what_has_no_pitch_has_none() -> None:
    noise = np.random.default_rng(0).standard_normal(SPEECH_RATE).astype(np.float32)
    assert median_pitch(noise) == 0.0
    assert median_pitch(np.zeros(SPEECH_RATE, np.float32)) == 0.0
    assert median_pitch(np.zeros(10, np.float32)) == 0.0


def test_gender_only_where_the_pitch_tells() -> None:
    assert [gender_of(pitch) for pitch in (0.0, 110.0, 162.0, 210.0)] == [
        "unknown",
        "male",
        "unknown",
        "female",
    ]


def test_pitch_and_voice_print_decide_together() -> None:
    assert gender_of(200.0, -0.5) == "male"
    assert gender_of(140.0, 0.5) == "female"
    assert gender_of(0.0, 0.5) == "female"
    assert gender_of(200.0, -0.2) == "unknown"
