"""The pitch of a voice, for choosing another voice like it.

Source: de Cheveigné & Kawahara, "YIN, a fundamental frequency estimator for speech and music"
(2002), steps 1 to 4; the median over voiced frames makes the finer steps needless.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from f2f.roles import SPEECH_RATE, Samples
from f2f.types import Gender

LOWEST, HIGHEST = 60.0, 400.0
"""Hz; speaking voices lie between."""
FRAME = 1024
"""Samples compared with their shifted selves: 64 ms."""
HOP = 320
"""Samples between frames: 20 ms."""
THRESHOLD = 0.15
"""Aperiodicity up to which a frame counts as voiced."""
QUIET = 0.1
"""Frames below this part of the loud frames' level are not looked at."""
FEWEST_FRAMES = 10
"""Fewer voiced frames than this say nothing."""

LONGEST_LAG = int(SPEECH_RATE / LOWEST)
SHORTEST_LAG = int(SPEECH_RATE / HIGHEST)

MIDDLE = 162.0
"""Hz; medians of women's speech lie mostly above, of men's below."""
OCTAVES, LEANING = 0.35, 0.25
"""How far pitch and leaning scatter within a gender; one of either is as telling as the other."""
DECIDED = 0.4
"""Evidence in those units from which on a gender is named; by pitch alone: 10 % off the middle."""


def median_pitch(sound: Samples) -> float:
    """Median fundamental frequency in Hz of 16 kHz speech; 0 if too little of it is voiced."""
    frames = _frames(np.asarray(sound, np.float64))  # (F, FRAME + LONGEST_LAG)
    if len(frames) == 0:
        return 0.0
    level = np.sqrt((frames**2).mean(axis=1))
    frames = frames[level > QUIET * np.quantile(level, 0.95)]
    lags = _periods(_aperiodicity(frames))
    voiced = lags[lags > 0]
    return float(SPEECH_RATE / np.median(voiced)) if len(voiced) >= FEWEST_FRAMES else 0.0


def gender_of(pitch: float, leaning: float = 0.0) -> Gender:
    """What pitch in Hz (0: unknown) and a voice print's leaning suggest together, if anything."""
    evidence = leaning / LEANING
    if pitch > 0:
        evidence += math.log2(pitch / MIDDLE) / OCTAVES
    if abs(evidence) < DECIDED:
        return "unknown"
    return "female" if evidence > 0 else "male"


def _frames(sound: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    width = FRAME + LONGEST_LAG
    if len(sound) < width:
        return np.zeros((0, width))
    return np.lib.stride_tricks.sliding_window_view(sound, width)[::HOP]


def _aperiodicity(frames: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """YIN's cumulative-mean-normalised difference (eq. 8), (F, LONGEST_LAG + 1)."""
    width = frames.shape[1]
    size = 1 << (width + FRAME - 1).bit_length()
    still = np.fft.rfft(frames[:, :FRAME], size)
    moving = np.fft.rfft(frames, size)
    product = np.fft.irfft(still.conj() * moving, size)[:, : LONGEST_LAG + 1]
    power = np.pad(np.cumsum(frames**2, axis=1), ((0, 0), (1, 0)))
    energy = power[:, FRAME : FRAME + LONGEST_LAG + 1] - power[:, : LONGEST_LAG + 1]
    difference = np.maximum(energy[:, :1] + energy - 2 * product, 0.0)  # (F, lags)
    lags = np.arange(1, LONGEST_LAG + 1)
    mean = np.cumsum(difference[:, 1:], axis=1) / lags
    normalised = np.ones_like(difference)
    np.divide(difference[:, 1:], mean, out=normalised[:, 1:], where=mean > 0)
    return normalised


def _periods(aperiodicity: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Lag of the first dip below the threshold, at its bottom; 0 for unvoiced frames."""
    inner = aperiodicity[:, SHORTEST_LAG:]
    low = inner < THRESHOLD
    rising = np.diff(inner, axis=1, append=np.inf) > 0
    bottom = low & rising
    found = bottom.any(axis=1)
    return np.where(found, bottom.argmax(axis=1) + SHORTEST_LAG, 0)
