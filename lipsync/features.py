"""Cepstral features (MFCC), and the features of any form that a model hears.

LipGAN's first form and the published SyncNet hear MFCC at 100 Hz, made as
``python_speech_features.mfcc`` makes them, here in torch.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from lipsync.audio import (
    MEL_16,
    PRE_EMPHASIS,
    SAMPLE_RATE,
    SILENCE,
    STEPS_PER_SECOND,
    AudioForm,
    check_samples,
    mel_spectrogram,
)
from lipsync.errors import AudioError

MEL_27 = AudioForm("mel-80x27", 80, 27, STEPS_PER_SECOND, SILENCE)
"""LipGAN's second form: 337.5 ms."""

CEPSTRA = 13
CEPSTRA_PER_SECOND = 100
MFCC_35 = AudioForm("mfcc-12x35", CEPSTRA - 1, 35, CEPSTRA_PER_SECOND, 0.0)
"""LipGAN's first form: 350 ms, the first coefficient (loudness) dropped. Silence has a flat
spectrum, whose remaining coefficients are zero."""

MFCC_20 = AudioForm("mfcc-13x20", CEPSTRA, 20, CEPSTRA_PER_SECOND, 0.0)
"""The published SyncNet's: 200 ms, all coefficients. It is only heard on whole windows."""

FORMS = {form.name: form for form in (MEL_16, MEL_27, MFCC_35, MFCC_20)}

FULL_SCALE = 32768.0
"""MFCC are taken of 16-bit sample values."""

FRAME = SAMPLE_RATE // 40
"""Samples of an MFCC frame: 25 ms."""

N_FFT = 512
FILTERS = 26
LIFTER = 22


def features(samples: Tensor, form: AudioForm) -> Tensor:
    """The features of a whole sound in the given form.

    Args:
        samples: (N,) mono float in [−1, 1] at 16 kHz.
        form: one of ``FORMS``.

    Returns:
        (form.bins, steps) float32, ready for ``lipsync.audio.windows``.

    Raises:
        AudioError: the sound is empty, not finite or not mono; the form is unknown.
    """
    if form in (MEL_16, MEL_27):
        return mel_spectrogram(samples)
    if form == MFCC_35:
        return mfcc(samples)[1:]
    if form == MFCC_20:
        return mfcc(samples)
    raise AudioError(f"unknown audio form {form.name}; known are {', '.join(FORMS)}")


def mfcc(samples: Tensor) -> Tensor:
    """13 cepstral coefficients, 100 times a second.

    Args:
        samples: (N,) mono float in [−1, 1] at 16 kHz, on any device.

    Returns:
        (13, steps) float32; row 0 is the log energy. Step k covers samples
        [160·k, 160·k + 400).

    Raises:
        AudioError: empty, not finite, not mono, or integer samples.
    """
    samples = check_samples(samples).double() * FULL_SCALE
    emphasised = torch.cat((samples[:1], samples[1:] - PRE_EMPHASIS * samples[:-1]))
    hop = SAMPLE_RATE // CEPSTRA_PER_SECOND
    steps = 1 + max(0, math.ceil((emphasised.numel() - FRAME) / hop))
    missing = (steps - 1) * hop + FRAME - emphasised.numel()
    frames = functional.pad(emphasised, (0, max(0, missing))).unfold(0, FRAME, hop)  # (steps, 400)
    power = torch.fft.rfft(frames, N_FFT).abs().square() / N_FFT  # (steps, 257)

    energy = _log(power.sum(1))
    filters, cosines = _filters().to(power), _cosines().to(power)
    cepstra = (cosines @ _log(power @ filters.T).T).float()  # (13, steps)
    lift = 1 + LIFTER / 2 * torch.sin(math.pi * torch.arange(CEPSTRA) / LIFTER)
    cepstra = cepstra * lift[:, None].to(cepstra)
    cepstra[0] = energy.float()
    return cepstra


def _log(power: Tensor) -> Tensor:
    return power.clamp_min(torch.finfo(torch.float64).eps).log()


def _filters() -> Tensor:
    """Triangles between whole FFT lines, equally spaced on the HTK mel scale; (26, 257)."""
    top = 2595 * math.log10(1 + SAMPLE_RATE / 2 / 700)
    mels = torch.linspace(0, top, FILTERS + 2, dtype=torch.float64)
    hz = 700 * (10 ** (mels / 2595) - 1)
    edges = torch.floor((N_FFT + 1) * hz / SAMPLE_RATE)[:, None]  # (28, 1)
    lines = torch.arange(N_FFT // 2 + 1, dtype=torch.float64)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (lines - low) / (centre - low)
    falling = (high - lines) / (high - centre)
    return torch.minimum(rising, falling).clamp_min(0)


def _cosines() -> Tensor:
    """Orthonormal DCT-II of 26 values, first 13 rows; (13, 26)."""
    rows = torch.arange(CEPSTRA, dtype=torch.float64)[:, None]
    columns = torch.arange(FILTERS, dtype=torch.float64)
    basis = torch.cos(math.pi * rows * (2 * columns + 1) / (2 * FILTERS))
    basis *= math.sqrt(2 / FILTERS)
    basis[0] /= math.sqrt(2)
    return basis
