"""Waveforms, made here: a browser that decoded an hour of sound would need a gigabyte."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

from f2f.store.whole_files import make_whole

RATE = 20
"""Peaks a second."""
_BLOCK_SECONDS = 30


def write(sound: Path, target: Path) -> None:
    """The loudest sample of every 1/RATE s, as whole numbers from 0 to 100 in JSON."""
    with soundfile.SoundFile(sound) as file:
        step = max(1, round(file.samplerate / RATE))
        peaks: list[int] = []
        for block in file.blocks(step * RATE * _BLOCK_SECONDS, dtype="float32", always_2d=True):
            level = np.abs(block).max(axis=1)
            level = np.pad(level, (0, -len(level) % step)).reshape(-1, step).max(axis=1)
            peaks += [round(100 * min(1.0, float(one))) for one in level]
        duration = len(file) / file.samplerate
    text = json.dumps({"rate": RATE, "duration": duration, "peaks": peaks}, separators=(",", ":"))
    make_whole(target, lambda place: place.write_text(text, encoding="utf-8"))
