from __future__ import annotations

import math
from fractions import Fraction

import librosa
import numpy as np
import pytest
import scipy.signal
import torch

from lipsync.audio import (
    MEL_16,
    PUBLISHED_TRAINING_OFFSET,
    SILENCE,
    mel_spectrogram,
    mel_windows,
    window_start,
)
from lipsync.errors import AudioError

RATES = [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60)]


def published_mel(samples: np.ndarray) -> np.ndarray:
    """The published Wav2Lip features by way of scipy and librosa."""
    emphasised = scipy.signal.lfilter([1, -0.97], [1], samples)
    spectrum = librosa.stft(
        emphasised, n_fft=800, hop_length=200, win_length=800, pad_mode="reflect"
    )
    filters = librosa.filters.mel(sr=16000, n_fft=800, n_mels=80, fmin=55, fmax=7600)
    decibels = 20 * np.log10(np.maximum(1e-5, filters @ np.abs(spectrum))) - 20
    return np.clip(8 * ((decibels + 100) / 100) - 4, -4, 4)


def sweep(seconds: float, seed: int = 0) -> np.ndarray:
    """A chirp with noise, loud and soft, with a silent part."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * 16000)) / 16000
    sound = (
        0.5 * scipy.signal.chirp(t, 60, max(seconds, 0.01), 7900) + rng.normal(size=t.size) * 0.01
    )
    sound *= np.exp(-2 * t)
    sound[t.size // 2 : t.size // 2 + t.size // 8] = 0
    return sound.astype(np.float32)


@pytest.mark.parametrize("seconds", [0.03, 0.2, 1.7, 5.0])
def test_mel_equals_librosas(seconds: float) -> None:
    samples = sweep(seconds)
    ours = mel_spectrogram(torch.from_numpy(samples)).numpy()
    theirs = published_mel(samples)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-4


def test_mel_is_bounded_and_silence_is_its_floor() -> None:
    assert (mel_spectrogram(torch.zeros(16000)) == SILENCE).all()
    loud = mel_spectrogram(torch.from_numpy(np.sign(sweep(1.0))))
    assert loud.min() >= -4 and loud.max() <= 4


@pytest.mark.parametrize("samples", [1, 100, 399, 400, 401, 801])
def test_clips_shorter_than_a_window_have_features(samples: int) -> None:
    mel = mel_spectrogram(torch.full((samples,), 0.1))
    assert mel.shape == (80, 1 + samples // 200)
    assert torch.isfinite(mel).all()


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (torch.zeros(0), "empty"),
        (torch.tensor([0.0, math.nan]), "NaN"),
        (torch.tensor([0.0, math.inf]), "NaN or infinite"),
        (torch.zeros(2, 100), "mono"),
        (torch.zeros(100, dtype=torch.int16), "floating point"),
        (torch.full((100,), 3000.0), "16-bit"),
    ],
)
def test_bad_sound_is_refused(samples: torch.Tensor, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        mel_spectrogram(samples)


def test_window_starts_are_the_published_ones() -> None:
    for frame in range(5000):
        assert window_start(frame, Fraction(25)) == int(frame * (80.0 / 25))  # inference
        assert window_start(frame, Fraction(30)) in (int(frame * (80.0 / 30)), frame * 8 // 3)


def test_the_published_training_code_hears_one_frame_earlier() -> None:
    for frame in range(1, 5000):
        training = int(80.0 * ((frame - 1) / 25.0))  # published: get_segmented_mels
        ours = window_start(frame, Fraction(25), offset=PUBLISHED_TRAINING_OFFSET)
        assert ours - training in (0, 1)  # 3 steps for 3.2


@pytest.mark.parametrize("fps", RATES)
def test_frames_and_sound_do_not_drift(fps: Fraction) -> None:
    frame = math.floor(3600 * fps)  # an hour in
    seconds = window_start(frame, fps) / MEL_16.steps_per_second
    assert 0 <= float(frame / fps) - seconds < 1 / MEL_16.steps_per_second


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("seconds", [0.02, 0.5, 3.0])
def test_no_frame_is_dropped(fps: Fraction, seconds: float) -> None:
    mel = mel_spectrogram(torch.from_numpy(sweep(seconds)))
    frames = range(math.ceil((seconds + 1) * fps))
    windows = mel_windows(mel, frames, fps)
    assert windows.shape == (len(frames), 1, 80, 16)
    assert (windows[-1] == SILENCE).all()


def test_windows_hold_the_steps_they_should() -> None:
    mel = torch.arange(40.0).expand(80, 40)
    windows = mel_windows(mel, [0, 5, 11, -1], Fraction(25), offset=-3)
    first, inner, tail, before = windows[:, 0, 0]
    assert first.tolist() == [SILENCE] * 3 + list(range(13))
    assert inner.tolist() == list(range(13, 29))
    assert tail.tolist() == [*range(32, 40)] + [SILENCE] * 8
    assert before.tolist() == [SILENCE] * 7 + list(range(9))  # ⌊−3.2⌋ − 3 = −7


def test_any_choice_of_frames_gives_the_same_windows() -> None:
    mel = mel_spectrogram(torch.from_numpy(sweep(2.0)))
    every = mel_windows(mel, range(50), Fraction(25))
    some = mel_windows(mel, [40, 3, 3], Fraction(25))
    assert torch.equal(some, every[[40, 3, 3]])
    assert mel_windows(mel, [], Fraction(25)).shape == (0, 1, 80, 16)


def test_bad_features_and_rates_are_refused() -> None:
    with pytest.raises(AudioError, match="shape"):
        mel_windows(torch.zeros(13, 100), [0], Fraction(25))
    with pytest.raises(AudioError, match="shape"):
        mel_windows(torch.zeros(80, 0), [0], Fraction(25))
    with pytest.raises(AudioError, match="frame rate"):
        mel_windows(torch.zeros(80, 10), [0], Fraction(0))
