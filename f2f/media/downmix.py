"""Many channels to one or two, without the loss of sound that channels hold with opposite sign; or
all of them as they are.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from f2f.media.timeline import samples_of

Block = npt.NDArray[np.float32]
"""(samples, channels), in -1..1."""

CANCELLED = 1 / 8
"""Part of the power of unrelated channels, by the same weights, under which a sum is cancelled:
two channels of opposite sign, the weaker at least 0.6 of the stronger, whose sum is then 14 dB or
more below the stronger."""
_WINDOW = 0.25
"""Seconds over which that is judged: less than a word."""
_LOUDER = 4.0
"""Times the power at which another channel takes the place of the one that was the loudest."""
_FADE = 0.01
"""Seconds in which the one becomes the other."""
_LEFT_SHARE = {"FL": 1.0, "FR": 0.0, "LFE": 0.0, "BR": 0.0, "SR": 0.0, "FRC": 0.0}
"""Channel -> its part in the left output; those not named are heard on it at -3 dB."""
_KEPT = {"mono": 1, "5.1": 6, "5.1(side)": 6, "7.1": 8}
"""Layouts beside stereo that a file of so many channels is taken to have."""
_MIRRORED = {"FL": "FR", "FR": "FL", "BL": "BR", "BR": "BL", "SL": "SR", "SR": "SL", "FLC": "FRC"}


class Downmix:
    """Centre and surround at -3 dB, never louder than full scale; nothing that is heard is lost.

    Where the channels of an output cancel each other, it is the loudest of them.

    Args:
        layout: of the source, as libav describes it.
        channels: of the result, 1 or 2; or more, of which a source of fewer fills the first two.
        rate: Hz of both.
    """

    def __init__(self, layout: Any, channels: int, rate: int) -> None:
        self._weights = _weights(layout, channels)
        self._taken: Block | None = None
        self._loudest = [-1] * channels
        self._window, self._fade = samples_of(_WINDOW, rate), samples_of(_FADE, rate)
        self._waiting: Block = np.zeros((0, len(self._weights)), np.float32)

    def put(self, samples: npt.NDArray[np.float32]) -> Block:
        """Interleaved samples of the source → what is ready of the result."""
        fresh = samples.reshape(-1, len(self._weights))
        if (np.count_nonzero(self._weights, axis=0) == 1).all():  # nothing is summed
            return fresh @ self._weights
        self._waiting = np.concatenate([self._waiting, fresh])
        return self._mixed(len(self._waiting) // self._window * self._window)

    def end(self) -> Block:
        """What is still held back."""
        return self._mixed(len(self._waiting))

    def _mixed(self, count: int) -> Block:
        ready, self._waiting = self._waiting[:count], self._waiting[count:]
        mixed = np.empty((count, self._weights.shape[1]), np.float32)
        for start in range(0, count, self._window):
            window = slice(start, min(start + self._window, count))
            mixed[window] = self._mixed_window(ready[window])
        return mixed

    def _mixed_window(self, window: Block) -> Block:
        before, self._taken = self._taken, self._without_loss(window)
        mixed: Block = window @ self._taken
        if before is not None and not np.array_equal(before, self._taken):
            fade = min(self._fade, len(window))
            share = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)[:, None]
            mixed[:fade] = share * mixed[:fade] + (1 - share) * (window[:fade] @ before)
        return mixed

    def _without_loss(self, window: Block) -> Block:
        """(channels in, channels out): the weights, or the loudest channel of each lost output."""
        power = np.square(window).sum(axis=0)  # (channels in,)
        unrelated = power @ np.square(self._weights)
        lost = np.square(window @ self._weights).sum(axis=0) < CANCELLED * unrelated
        if not lost.any():
            return self._weights
        weights = self._weights.copy()
        for output in map(int, np.flatnonzero(lost)):
            weights[:, output] = np.arange(len(weights)) == self._choose(output, power)
        return weights

    def _choose(self, output: int, power: npt.NDArray[np.float32]) -> int:
        """The loudest channel of an output, which changes only where that is beyond doubt."""
        chosen = self._loudest[output]
        loudest = int(np.argmax(power * (self._weights[:, output] > 0)))
        if chosen < 0 or power[loudest] > _LOUDER * power[chosen]:
            self._loudest[output] = loudest
        return self._loudest[output]


def kept_channels(layout: Any) -> int:
    """Channels of a source that AAC and every player know; 2 where its layout is another one."""
    return _KEPT.get(layout.name, 2)


def _weights(layout: Any, channels: int) -> Block:
    """(channels in, channels out); each output's add up to 1."""
    if layout.nb_channels == channels:
        return np.eye(channels, dtype=np.float32)
    names = [channel.name for channel in layout.channels]
    left = np.array([_LEFT_SHARE.get(name, math.sqrt(0.5)) for name in names])
    right = np.array([_LEFT_SHARE.get(_MIRRORED.get(name, name), math.sqrt(0.5)) for name in names])
    both = np.stack([left, right], axis=1)
    if channels == 1:
        both = both.sum(axis=1, keepdims=True)
    mix: Block = (both / both.sum(axis=0).clip(1e-9)).astype(np.float32)
    return np.pad(mix, ((0, 0), (0, max(0, channels - 2))))
