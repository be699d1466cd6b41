"""Stretching keeps length, pitch and the place of what is heard."""

from __future__ import annotations

import numpy as np
import pytest

from f2f.errors import StageError
from f2f.timing.stretch import stretch

RATE, OUT = 24_000, 48_000
PITCH = 220.0


def bursts(times: tuple[float, ...], duration: float) -> np.ndarray:
    """Short tones of PITCH Hz around the given times."""
    clock = np.arange(round(duration * RATE)) / RATE
    sound = np.zeros_like(clock)
    for time in times:
        sound += np.exp(-(((clock - time) / 0.03) ** 2)) * np.sin(2 * np.pi * PITCH * clock)
    return (0.5 * sound).astype(np.float32)


@pytest.mark.parametrize("ratio", [0.625, 0.85, 1.0, 1.1, 1.25, 1.6])
def test_length_pitch_and_places(ratio: float) -> None:
    times = (0.2, 0.9, 1.7)
    length = round(2.0 * ratio * OUT) + 1
    sound = stretch(bursts(times, 2.0), RATE, length=length, output_rate=OUT)
    assert sound.shape == (length,)
    assert sound.dtype == np.float32
    spectrum = np.abs(np.fft.rfft(sound))
    assert abs(np.argmax(spectrum) * OUT / length - PITCH) < 10
    for time in times:
        middle, reach = round(time * ratio * OUT), round(0.15 * OUT)
        energy = sound[max(0, middle - reach) : middle + reach] ** 2
        centre = np.average(np.arange(len(energy)), weights=energy) + max(0, middle - reach)
        assert abs(centre / OUT - time * ratio) < 0.02


def test_same_length_and_rate_is_the_same_sound() -> None:
    sound = bursts((0.5,), 1.0)
    assert np.array_equal(stretch(sound, RATE, length=len(sound), output_rate=RATE), sound)


def test_ffmpegs_own_words_are_in_the_error() -> None:
    with pytest.raises(StageError, match=r"(?i)tempo"):
        stretch(bursts((0.1,), 0.3), RATE, length=1, output_rate=OUT)
