"""Exact mapping of constant and variable rates, on numbers and on real clips with bars."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clips import number_of
from hypothesis import given
from hypothesis import strategies as st

from f2f import media
from f2f.media import timeline
from f2f.media.timeline import (
    constant_rate,
    duration_in_samples,
    exact_time,
    frame_at,
    frame_count,
    frames_of,
    frames_until,
    in_frames,
    middle,
    samples_of,
    time_of,
)
from f2f.types import Span

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


RATES = st.one_of(
    st.integers(1, 240).map(Fraction),
    st.sampled_from([NTSC, Fraction(24000, 1001), Fraction(60000, 1001)]),
)
FRAMES = st.integers(0, 500_000)
ROUNDERS = {"round", "floor", "ceil", "int", "rint", "trunc"}
A_RATE = re.compile(r"(^|_)(fps|rate|samplerate)$", re.IGNORECASE)


@given(RATES, FRAMES)
def test_a_frame_survives_its_time_as_a_float(rate: Fraction, frame: int) -> None:
    time = time_of(frame, rate)
    assert frame_at(time, rate) == frames_until(time, rate) == frame
    assert in_frames(time, rate) == frame
    assert frame_at(float(middle(frame, rate)), rate) == frame
    assert exact_time(frame, rate) * rate == frame


def test_the_floats_that_used_to_move_a_frame() -> None:
    """Every frame of three minutes, at the rates at which plain floor and ceil went wrong."""
    for rate in (Fraction(25), NTSC):
        for frame in range(5000):
            assert frames_of(Span(time_of(frame, rate), time_of(frame + 1, rate)), rate) == range(
                frame, frame + 1
            )


@given(RATES, FRAMES, st.integers(0, 10_000), st.floats(-4e-7, 4e-7), st.floats(-4e-7, 4e-7))
def test_a_span_of_whole_frames_has_just_these(
    rate: Fraction, first: int, count: int, early: float, late: float
) -> None:
    """Also after JSON has rounded its ends to a microsecond."""
    span = Span(time_of(first, rate) + early, time_of(first + count, rate) + late)
    assert frames_of(span, rate) == range(first, first + count)


@given(RATES, st.lists(FRAMES, min_size=2, max_size=8, unique=True))
def test_spans_that_meet_share_no_frame_and_lose_none(rate: Fraction, joints: list[int]) -> None:
    joints.sort()
    runs = [
        frames_of(Span(time_of(start, rate), time_of(end, rate)), rate)
        for start, end in itertools.pairwise(joints)
    ]
    assert runs == [range(start, end) for start, end in itertools.pairwise(joints)]


@given(RATES, st.lists(st.floats(0, 3600), min_size=2, max_size=6))
def test_spans_that_meet_within_a_frame_share_only_that(
    rate: Fraction, joints: list[float]
) -> None:
    joints.sort()
    runs = [frames_of(Span(*pair), rate) for pair in itertools.pairwise(joints)]
    for before, after in itertools.pairwise(runs):
        assert before.stop - after.start in (0, 1)


def test_frames_are_only_those_that_there_are() -> None:
    rate = Fraction(25)
    assert frames_of(Span(-1.0, 0.4), rate) == range(10)
    assert frames_of(Span(-2.0, -1.0), rate) == range(0)
    assert frames_of(Span(1.0, 9.0), rate, count=30) == range(25, 30)
    assert len(frames_of(Span(8.0, 9.0), rate, count=30)) == 0
    assert frames_of(Span(1.01, 1.01), rate) == range(25, 26)
    assert len(frames_of(Span(1.0, 1.0), rate)) == 0


@given(RATES, FRAMES, st.integers(0, 5000), st.sampled_from([16_000, 44_100, 48_000]))
def test_samples_of_frames_join_without_gap(
    rate: Fraction, first: int, count: int, sample_rate: int
) -> None:
    start, end = (duration_in_samples(frame, rate, sample_rate) for frame in (first, first + count))
    assert abs(end - start - count * sample_rate / rate) <= 1
    assert samples_of(time_of(first, rate), sample_rate) in (start - 1, start, start + 1)
    assert abs(start - first * sample_rate / rate) <= Fraction(1, 2)


@pytest.mark.parametrize("package", ["f2f", "flows", "training", "benchmarks"])
def test_nowhere_else_are_seconds_rounded_to_frames_or_samples(package: str) -> None:
    root = Path(__file__).parents[3]
    rounded = [
        f"{file.relative_to(root)}:{call.lineno}: {ast.unparse(call)}"
        for file in sorted((root / package).rglob("*.py"))
        if file != Path(timeline.__file__)
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and called(call.func) in ROUNDERS
        if any(converts(part) for argument in call.args for part in ast.walk(argument))
    ]
    assert rounded == []


def called(expression: ast.expr) -> str:
    return getattr(expression, "attr", getattr(expression, "id", ""))


def converts(part: ast.AST) -> bool:
    """True for x * rate, rate * x and x / rate."""
    if not isinstance(part, ast.BinOp) or not isinstance(
        part.op, ast.Mult | ast.Div | ast.FloorDiv
    ):
        return False
    factors = [part.left, part.right] if isinstance(part.op, ast.Mult) else [part.right]
    return any(A_RATE.search(called(factor)) for factor in factors)
