"""The figures of `benchmarks.lip_quality`, on pictures whose answers are known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.lip_quality import clips
from benchmarks.lip_quality.measures import correlation, cosine, flicker, mouths, sharpness

NOISE = np.random.default_rng(0).integers(0, 255, (6, 100, 80, 3), np.uint8)


def test_the_mouth_is_a_part_of_the_face() -> None:
    assert mouths(NOISE).shape == (6, 34, 40, 3)


def test_a_blur_costs_sharpness_and_stillness_has_no_flicker() -> None:
    soft = np.stack([cv2.GaussianBlur(face, (0, 0), 1.5) for face in NOISE])
    assert sharpness(soft) < 0.05 * sharpness(NOISE)
    still = np.repeat(NOISE[:1], 6, axis=0)
    steady = np.stack([np.full((100, 80, 3), 10 * n, np.uint8) for n in range(6)])
    assert flicker(still) == 0 and flicker(steady) == 0
    blinking = np.stack([np.full((100, 80, 3), 100 + 10 * (n % 2), np.uint8) for n in range(6)])
    assert flicker(blinking) == pytest.approx(20)


def test_likeness_and_leak() -> None:
    rows = np.random.default_rng(1).random((4, 9))
    assert cosine(rows, 3 * rows) == pytest.approx(1)
    line = np.arange(9.0)
    assert correlation(line, 2 - line) == pytest.approx(-1)
    assert correlation(line, np.ones(9)) == 0.0


def test_held_out_people_are_taken_once_the_longest_first(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(
        "file,speaker,split,seconds,licence\n"
        "a.mkv,one,val,3.0,x\nb.mkv,one,val,5.0,x\nc.mkv,two,val,9.0,x\nd.mkv,three,train,99,x\n"
    )
    assert [path.name for path in clips.people(tmp_path, 5)] == ["c.mkv", "b.mkv"]
    assert [path.name for path in clips.people(tmp_path, 1)] == ["c.mkv"]
