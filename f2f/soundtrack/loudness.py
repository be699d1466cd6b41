"""Integrated loudness and true peak of a sound file, by ITU-R BS.1770-5, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from scipy import signal

Block = npt.NDArray[np.float32]
"""(samples, channels), in -1..1."""

OVERSAMPLING = 4
"""Of the true-peak meter; BS.1770 annex 2 asks for at least 192 kHz."""
BLOCK_SECONDS = 10
HOPS_PER_SECOND = 10
"""Gating blocks of 0.4 s start every 0.1 s."""
_HOPS_A_BLOCK = 4
_OFFSET = -0.691
"""dB, so that a 997 Hz sine at 0 dBFS on one channel reads -3.01 LUFS."""
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_MARGIN = 64
"""Samples of context either side of a block, enough for the interpolation filter."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """`integrated` in LUFS, None if nothing rises above the gate; `true_peak` in dBTP."""

    integrated: float | None
    true_peak: float


def measure(path: Path) -> Loudness:
    """Loudness and true peak of a mono or stereo sound file."""
    with soundfile.SoundFile(path) as file:
        peak = max((oversampled_peaks(block).max() for block in margins(file)), default=0.0)
    return Loudness(integrated(path), decibels(float(peak)))


def integrated(path: Path) -> float | None:
    """Gated loudness alone, in LUFS; mono counts as one channel, as the standard says."""
    with soundfile.SoundFile(path) as file:
        return _gated(_hop_energies(blocks(file), file.samplerate))


def decibels(amplitude: float) -> float:
    """20 log10, -inf for silence."""
    return 20.0 * math.log10(amplitude) if amplitude > 0 else -math.inf


def amplitude(decibel: float) -> float:
    """The inverse of `decibels`."""
    return float(10.0 ** (decibel / 20.0))


def blocks(file: soundfile.SoundFile, seconds: int = BLOCK_SECONDS) -> Iterator[Block]:
    """The file from its start in blocks of (samples, channels)."""
    file.seek(0)
    while len(block := file.read(seconds * file.samplerate, dtype="float32", always_2d=True)):
        yield block


def margins(file: soundfile.SoundFile, margin: int = _MARGIN) -> Iterator[Block]:
    """The same blocks with up to `margin` samples of context at both ends."""
    step = BLOCK_SECONDS * file.samplerate
    for start in range(0, file.frames, step):
        first = max(0, start - margin)
        file.seek(first)
        yield file.read(start + step + margin - first, dtype="float32", always_2d=True)


def oversampled_peaks(block: Block) -> Block:
    """The highest interpolated magnitude around each sample, over all channels: (samples,)."""
    fine = np.abs(signal.resample_poly(block, OVERSAMPLING, 1, axis=0)).max(axis=1)
    between = fine.reshape(-1, OVERSAMPLING).max(axis=1)  # from each sample to the next
    around = between.copy()
    np.maximum(between[1:], between[:-1], out=around[1:])
    peaks: Block = np.maximum(around, np.abs(block).max(axis=1)).astype(np.float32)
    return peaks


def _hop_energies(source: Iterator[Block], rate: int) -> npt.NDArray[np.float64]:
    """Mean square of the K-weighted sum of channels for each whole 0.1 s."""
    sections = _k_weighting(rate)
    hop = rate // HOPS_PER_SECOND
    state: npt.NDArray[np.float64] | None = None
    rest = np.zeros(0)
    energies: list[npt.NDArray[np.float64]] = []
    for block in source:
        if state is None:
            state = np.zeros((len(sections), 2, block.shape[1]))
        weighted, state = signal.sosfilt(sections, block.astype(np.float64), axis=0, zi=state)
        rest = np.concatenate([rest, np.square(weighted).sum(axis=1)])
        whole = len(rest) // hop
        energies.append(rest[: whole * hop].reshape(whole, hop).mean(axis=1))
        rest = rest[whole * hop :]
    return np.concatenate(energies) if energies else np.zeros(0)


def _gated(hops: npt.NDArray[np.float64]) -> float | None:
    """BS.1770-5 equations 4 to 7."""
    if len(hops) < _HOPS_A_BLOCK:
        return None
    energies = np.convolve(hops, np.full(_HOPS_A_BLOCK, 1 / _HOPS_A_BLOCK), "valid")
    loud = energies[energies > _energy(_ABSOLUTE_GATE)]
    if not loud.size:
        return None
    loud = loud[loud > _energy(_lufs(float(loud.mean())) + _RELATIVE_GATE)]
    return _lufs(float(loud.mean()))


def _lufs(energy: float) -> float:
    return _OFFSET + 10 * math.log10(energy)


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def _k_weighting(rate: int) -> npt.NDArray[np.float64]:
    """The two filters of BS.1770 annex 1 as second-order sections, for any rate.

    The standard tabulates them at 48 kHz; these are their analogue prototypes (a 4 dB shelf at
    1682 Hz and a high pass at 38 Hz) through the bilinear transform, equal at 48 kHz.
    """
    gain, quality, frequency = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    tangent = math.tan(math.pi * frequency / rate)
    high = 10 ** (gain / 20)
    middle = high**0.4996667741545416
    scale = 1 + tangent / quality + tangent**2
    shelf = [
        (high + middle * tangent / quality + tangent**2) / scale,
        2 * (tangent**2 - high) / scale,
        (high - middle * tangent / quality + tangent**2) / scale,
        1.0,
        2 * (tangent**2 - 1) / scale,
        (1 - tangent / quality + tangent**2) / scale,
    ]
    quality, frequency = 0.5003270373238773, 38.13547087602444
    tangent = math.tan(math.pi * frequency / rate)
    scale = 1 + tangent / quality + tangent**2
    high_pass = [
        1.0,
        -2.0,
        1.0,
        1.0,
        2 * (tangent**2 - 1) / scale,
        (1 - tangent / quality + tangent**2) / scale,
    ]
    return np.array([shelf, high_pass])
