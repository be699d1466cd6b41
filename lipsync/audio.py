"""Sound → features, and the only map from a video frame to its window of sound.

The mel spectrogram is that of the published Wav2Lip code (``audio.py``, ``hparams.py``),
computed in torch so that it runs on any device; it equals librosa's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor
from torch.nn import functional

from lipsync.errors import AudioError

SAMPLE_RATE = 16_000
"""Hz; every sound in this package is mono at this rate."""

LOUDEST = 16.0
"""Samples beyond this are no overshoot but integers that someone forgot to scale."""

PRE_EMPHASIS = 0.97
N_FFT = 800
"""Samples; 50 ms, Hann window of the same length."""

HOP = 200
STEPS_PER_SECOND = SAMPLE_RATE // HOP
"""Mel steps a second: 80."""

MEL_BINS = 80
LOWEST_HZ = 55.0
HIGHEST_HZ = 7600.0
REFERENCE_DB = 20.0
FLOOR_DB = -100.0
PEAK = 4.0
"""Features lie in [−PEAK, PEAK]."""

SILENCE = -PEAK
"""The feature value of digital silence."""


@dataclass(frozen=True)
class AudioForm:
    """How a model hears: the shape and the rate of its windows of sound."""

    name: str
    bins: int
    """Rows of a window."""
    steps: int
    """Columns of a window."""
    steps_per_second: int
    silence: float
    """The feature value of digital silence, which stands before and after the sound."""

    def shape(self) -> tuple[int, int]:
        """(bins, steps)."""
        return self.bins, self.steps


MEL_16 = AudioForm("mel-80x16", MEL_BINS, 16, STEPS_PER_SECOND, SILENCE)
"""Wav2Lip's: 200 ms."""

PUBLISHED_OFFSET = 0
"""Window start, in steps from the frame's own time, of the published *inference* code."""

PUBLISHED_TRAINING_OFFSET = -3
"""The same of the published *training* code: one 25 fps frame, 3.2 steps, earlier."""


def check_samples(samples: Tensor) -> Tensor:
    """Return ``samples`` as float32; ``AudioError`` unless it is a finite, non-empty line."""
    if samples.ndim != 1:
        raise AudioError(f"sound must be one mono line of samples, got shape {samples.shape}")
    if samples.numel() == 0:
        raise AudioError("sound is empty")
    if not samples.is_floating_point():
        raise AudioError(f"sound must be floating point in [−1, 1], got {samples.dtype}")
    samples = samples.float()
    if not bool(torch.isfinite(samples).all()):
        raise AudioError("sound holds NaN or infinite samples")
    if float(samples.abs().max()) > LOUDEST:
        raise AudioError("sound must lie in [−1, 1]; these look like 16-bit values")
    return samples


def mel_filters(
    *, sample_rate: int, n_fft: int, bins: int, low_hz: float, high_hz: float
) -> Tensor:
    """Triangular filters on Slaney's mel scale, unit area; (bins, n_fft/2 + 1), float64.

    Source: M. Slaney, Auditory Toolbox (1998); the same as ``librosa.filters.mel``.
    """
    edges_hz = _mel_to_hz(
        torch.linspace(_hz_to_mel(low_hz), _hz_to_mel(high_hz), bins + 2).double()
    )
    lines_hz = torch.linspace(0, sample_rate / 2, n_fft // 2 + 1, dtype=torch.float64)
    slopes = edges_hz[:, None] - lines_hz[None]  # (bins + 2, lines)
    widths = edges_hz.diff()[:, None]
    rising = -slopes[:-2] / widths[:-1]
    falling = slopes[2:] / widths[1:]
    triangles = torch.minimum(rising, falling).clamp_min(0)
    return triangles * (2.0 / (edges_hz[2:] - edges_hz[:-2]))[:, None]


# Slaney's scale: linear below 1 kHz, logarithmic above.
_LINEAR_HZ_PER_MEL = 200.0 / 3
_KNEE_HZ = 1000.0
_KNEE_MEL = _KNEE_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = math.log(6.4) / 27.0


def _hz_to_mel(hz: float) -> float:
    if hz < _KNEE_HZ:
        return hz / _LINEAR_HZ_PER_MEL
    return _KNEE_MEL + math.log(hz / _KNEE_HZ) / _LOG_STEP


def _mel_to_hz(mel: Tensor) -> Tensor:
    above = _KNEE_HZ * torch.exp(_LOG_STEP * (mel - _KNEE_MEL))
    return torch.where(mel < _KNEE_MEL, mel * _LINEAR_HZ_PER_MEL, above)


def mel_spectrogram(samples: Tensor) -> Tensor:
    """Mel features as the published models hear them.

    Args:
        samples: (N,) mono float in [−1, 1] at 16 kHz, on any device.

    Returns:
        (80, 1 + N // 200) float32 in [−4, 4], 80 steps a second; step k is centred on
        sample 200·k.

    Raises:
        AudioError: empty, not finite, not mono, or integer samples.
    """
    # In float64, as librosa has it here: where it is almost silent, float32's rounding shows.
    exact = torch.float32 if samples.device.type == "mps" else torch.float64
    samples = check_samples(samples).to(exact)
    emphasised = torch.cat((samples[:1], samples[1:] - PRE_EMPHASIS * samples[:-1]))
    steps = 1 + emphasised.numel() // HOP
    # The reflection at the ends needs more sound than half a window; silence stands in.
    shortfall = max(0, N_FFT // 2 + 1 - emphasised.numel())
    spectrum = torch.stft(
        functional.pad(emphasised, (0, shortfall)),
        N_FFT,
        HOP,
        window=torch.hann_window(N_FFT, dtype=exact, device=samples.device),
        center=True,
        pad_mode="reflect",
        return_complex=True,
    ).abs()[:, :steps]  # (401, steps)
    filters = mel_filters(
        sample_rate=SAMPLE_RATE, n_fft=N_FFT, bins=MEL_BINS, low_hz=LOWEST_HZ, high_hz=HIGHEST_HZ
    )
    mel = filters.to(spectrum) @ spectrum  # (80, steps)
    decibels = 20 * torch.log10(mel.clamp_min(10 ** (FLOOR_DB / 20))) - REFERENCE_DB
    return (2 * PEAK * (decibels - FLOOR_DB) / -FLOOR_DB - PEAK).clamp(-PEAK, PEAK).float()


def window_start(frame: int, fps: Fraction, *, form: AudioForm = MEL_16, offset: int = 0) -> int:
    """First step of a frame's window: ⌊frame · steps a second / fps⌋ + offset, exact.

    This is the only place where video frames and steps of sound meet.
    """
    return math.floor(frame * form.steps_per_second / fps) + offset


def windows(
    features: Tensor,
    frames: Sequence[int],
    fps: Fraction,
    *,
    form: AudioForm = MEL_16,
    offset: int = 0,
) -> Tensor:
    """The windows of sound of the given frames.

    Every frame gets a window: whatever lies before the start or after the end of the sound
    is silence.

    Args:
        features: (bins, steps) of the whole sound, as ``mel_spectrogram`` makes them.
        frames: frame numbers from the start of the sound, in any order (a ``range`` will do).
        fps: frames a second, exact.
        form: the windows that the model hears.
        offset: steps by which the window starts after the frame's own time; part of a
            checkpoint's metadata, see ``PUBLISHED_OFFSET``.

    Returns:
        (len(frames), 1, form.bins, form.steps), in the frames' order, on features' device.

    Raises:
        AudioError: features are of another form or empty, or fps is not positive.
    """
    if features.ndim != 2 or features.shape[0] != form.bins or features.shape[1] == 0:
        raise AudioError(
            f"{form.name} features must have shape ({form.bins}, steps), "
            f"got {tuple(features.shape)}"
        )
    if fps <= 0:
        raise AudioError(f"frame rate must be positive, got {fps}")
    starts = torch.tensor(
        [window_start(frame, fps, form=form, offset=offset) for frame in frames],
        dtype=torch.long,
        device=features.device,
    )
    steps = starts[:, None] + torch.arange(form.steps, device=features.device)  # (N, steps)
    heard = (steps >= 0) & (steps < features.shape[1])
    chosen = features[:, steps.clamp(0, features.shape[1] - 1)]  # (bins, N, steps)
    chosen = torch.where(heard, chosen, form.silence)
    return chosen.transpose(0, 1).unsqueeze(1)  # (N, 1, bins, steps)


def mel_windows(mel: Tensor, frames: Sequence[int], fps: Fraction, *, offset: int = 0) -> Tensor:
    """``windows`` of Wav2Lip's form: (80, steps) to (len(frames), 1, 80, 16)."""
    return windows(mel, frames, fps, offset=offset)
