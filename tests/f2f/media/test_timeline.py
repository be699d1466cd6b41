"""Exact mapping of constant and variable rates, on numbers and on real clips with bars."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clips import number_of
from hypothesis import given
from hypothesis import strategies as st

from f2f import media
from f2f.media.timeline import constant_rate, frame_count

NTSC = Fraction(30000, 1001)


def steady(count: int, rate: Fraction) -> list[Fraction]:
    return [index / rate for index in range(count)]


@pytest.mark.parametrize("rate", [Fraction(25), NTSC, Fraction(24000, 1001), Fraction(2997, 100)])
def test_constant_rates_survive_millisecond_clocks(rate: Fraction) -> None:
    """An hour, as Matroska rounds it; the stated rate is what the container claims."""
    times = [Fraction(round(time * 1000), 1000) for time in steady(3600 * 25, rate)]
    assert constant_rate(times, [rate]) == (rate, False)


def test_a_wrong_claim_is_not_believed() -> None:
    assert constant_rate(steady(300, Fraction(25)), [Fraction(30)]) == (Fraction(25), False)


def test_dropped_frames_keep_the_grid() -> None:
    times = [time for index, time in enumerate(steady(300, Fraction(30))) if index % 3]
    assert constant_rate(times, [Fraction(20)]) == (Fraction(30), True)


def test_slow_sources_are_raised_to_a_multiple() -> None:
    assert constant_rate(steady(10, Fraction(5)), []) == (Fraction(25), False)
    assert constant_rate(steady(10, Fraction(10)), []) == (Fraction(30), False)


@given(st.lists(st.integers(1, 400), min_size=2, max_size=200))
def test_any_clip_keeps_its_length_within_half_a_frame(steps: list[int]) -> None:
    times = [Fraction(int(stamp), 1000) for stamp in np.cumsum([0, *steps])]
    duration = times[-1] + Fraction(steps[-1], 1000)
    rate, _ = constant_rate(times, [])
    assert Fraction(12) <= rate
    count = frame_count(duration, rate)
    assert abs(count / rate - duration) <= 1 / rate / 2 or count == 1


def shown(path: Path) -> tuple[list[int], Fraction]:
    info = media.probe(path)
    numbers = [number_of(image) for image in media.frames(path, info)]
    assert len(numbers) == info.frames
    return numbers, info.fps


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
@pytest.mark.parametrize("rate", [Fraction(25), NTSC])
def test_constant_clips_pass_one_to_one(
    clip: Callable[..., Path], suffix: str, rate: Fraction
) -> None:
    path = clip(f"a.{suffix}", steady(70, rate))
    assert shown(path) == (list(range(70)), rate)


def test_variable_clip_shows_what_was_on_screen(clip: Callable[..., Path]) -> None:
    """Irregular times: every output frame is the source frame at its middle, to the number."""
    random = np.random.default_rng(5)
    times = [Fraction(int(stamp), 1000) for stamp in np.cumsum(random.integers(11, 90, 120))]
    path = clip("a.mp4", [time - times[0] for time in times])
    numbers, fps = shown(path)
    starts = [time - times[0] for time in times]
    truth = [
        max(n for n, start in enumerate(starts) if start <= (k + Fraction(1, 2)) / fps)
        for k in range(len(numbers))
    ]
    assert numbers == truth
    info = media.probe(path)
    assert info.variable_rate
    assert abs(info.duration - float(starts[-1])) < 0.15


def test_clip_that_starts_late_starts_at_its_first_frame(clip: Callable[..., Path]) -> None:
    late = [time + Fraction(1, 3) for time in steady(50, Fraction(25))]
    path = clip("a.mkv", late)
    assert shown(path) == (list(range(50)), Fraction(25))
    assert media.probe(path).start == pytest.approx(1 / 3, abs=0.001)
