"""The sound that each frame's mouth is made from, read a piece at a time."""

from __future__ import annotations

import functools
from fractions import Fraction
from pathlib import Path

import soundfile
import torch
from torch import Tensor

from f2f.media.timeline import samples_of
from f2f.roles import Samples
from lipsync.audio import HOP, SAMPLE_RATE, AudioForm, mel_spectrogram, window_start, windows

BLOCK = 256
"""Frames whose windows are made at once."""
CONTEXT = 8
"""Steps of sound read before and after a block; its features see 2 steps to either side."""


class LipSound:
    """Windows of sound by frame; the same as those of the whole file, in little memory.

    Args:
        path: mono WAV at 16 kHz.
        fps: frames a second.
        form: the windows that the model hears.
        offset: the checkpoint's `mel_offset`.
    """

    def __init__(self, path: Path, *, fps: Fraction, form: AudioForm, offset: int) -> None:
        self._path, self._fps, self._form, self._offset = path, fps, form, offset
        self._block = functools.lru_cache(maxsize=1)(self._windows)

    def window(self, frame: int) -> Tensor:
        """(1, bins, steps) for one frame; silence beyond the sound's ends."""
        return self._block(frame // BLOCK)[frame % BLOCK]

    def silence(self) -> Tensor:
        """The same of a frame in whose time nothing is heard."""
        return torch.full((1, *self._form.shape()), self._form.silence)

    def samples(self, start: float, end: float) -> Samples:
        """The sound from start to end, in seconds."""
        return self._read(samples_of(start, SAMPLE_RATE), samples_of(end, SAMPLE_RATE))

    def _windows(self, block: int) -> Tensor:
        """(BLOCK, 1, bins, steps)."""
        frames = range(block * BLOCK, (block + 1) * BLOCK)
        first = window_start(frames[0], self._fps, form=self._form, offset=self._offset)
        last = window_start(frames[-1], self._fps, form=self._form, offset=self._offset)
        start = max(0, first - CONTEXT)
        sound = self._read(start * HOP, (last + self._form.steps + CONTEXT) * HOP)
        if len(sound) == 0:
            sound = self._read(0, 1) * 0
        mel = mel_spectrogram(torch.from_numpy(sound))
        return windows(mel, frames, self._fps, form=self._form, offset=self._offset - start)

    def _read(self, start: int, end: int) -> Samples:
        with soundfile.SoundFile(self._path) as file:
            start, end = (min(max(0, place), len(file)) for place in (start, end))
            file.seek(start)
            samples: Samples = file.read(end - start, dtype="float32")
            return samples
