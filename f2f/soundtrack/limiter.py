"""A look-ahead limiter for the true peak: it turns down around a peak, without a click."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import soundfile
from scipy import ndimage

from f2f.media.timeline import samples_of
from f2f.soundtrack.loudness import BLOCK_SECONDS, Block, margins, oversampled_peaks

LOOK_AHEAD = 0.005
"""Seconds in which the gain goes down before a peak; it comes up as fast after it."""


def limited(file: soundfile.SoundFile, gain: float, ceiling: float) -> Iterator[Block]:
    """The file times `gain`, turned down where its true peak would pass `ceiling`.

    The gain that every sample needs is widened to its neighbourhood by a sliding minimum and then
    smoothed by an average over the same width, so it is already low enough at the peak itself.

    Args:
        file: any length, read in blocks.
        gain: factor.
        ceiling: highest interpolated magnitude, as amplitude.

    Yields:
        Blocks of (samples, channels) that join to the whole file.
    """
    reach = samples_of(LOOK_AHEAD, file.samplerate)
    margin = 4 * reach
    step = BLOCK_SECONDS * file.samplerate
    for number, block in enumerate(margins(file, margin)):
        lead = min(margin, number * step)
        scaled = block * np.float32(gain)
        body = slice(lead, lead + step)
        if np.abs(scaled).max() * 2 > ceiling:  # peaks between samples are below twice the samples
            needed = np.minimum(1.0, ceiling / np.maximum(oversampled_peaks(scaled), 1e-9))
            lowest = ndimage.minimum_filter1d(needed, 2 * reach + 1, mode="nearest")
            smooth = ndimage.uniform_filter1d(lowest, 2 * reach + 1, mode="nearest")
            scaled = scaled * smooth[:, None].astype(np.float32)
        yield scaled[body]
