"""The track is exact to the sample, and clips lie where the plan says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from f2f.timing.speech_track import RATE, length, write
from f2f.types import Placement, Span


def place(number: int, start: float, end: float) -> Placement:
    return Placement(number, Span(start, end), 1.0)


def level(placement: Placement, samples: int) -> np.ndarray:
    return np.full(samples, 0.125 * (placement.segment_id + 1), np.float32)


def test_clips_lie_where_they_should_and_overlaps_are_added(tmp_path: Path) -> None:
    placements = [place(1, 0.5, 1.0), place(0, 0.25, 0.75), place(2, 1.5, 1.75)]
    write(tmp_path / "speech.wav", placements, level, samples=2 * RATE)
    sound, rate = soundfile.read(tmp_path / "speech.wav", dtype="float32")
    assert (rate, sound.shape) == (RATE, (2 * RATE,))
    quarter = RATE // 4
    levels = [set(sound[k * quarter : (k + 1) * quarter].tolist()) for k in range(8)]
    assert levels == [{0.0}, {0.125}, {0.375}, {0.25}, {0.0}, {0.0}, {0.375}, {0.0}]


def test_what_lies_beyond_the_end_is_cut(tmp_path: Path) -> None:
    write(tmp_path / "speech.wav", [place(0, 0.5, 2.0), place(1, 3.0, 4.0)], level, samples=RATE)
    assert soundfile.info(tmp_path / "speech.wav").frames == RATE


def test_length_is_the_last_clips_end() -> None:
    assert length([place(0, 0.0, 2.0), place(1, 0.5, 1.0)]) == 2 * RATE
    assert length([]) == 0
