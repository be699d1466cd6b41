"""The planner against an independent solver, and its promises on arbitrary input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from f2f.config import Timing
from f2f.errors import StageError
from f2f.timing import planner
from f2f.timing.planner import (
    FAST,
    SHIFT_COST,
    SHIFTED,
    TOO_FAST,
    TimedClip,
    followers,
    in_order,
    plan,
)
from f2f.types import Placement, Span

OPTIONS = Timing()
SLACK = 1e-5


def said(number: int, start: float, end: float, natural: float, speaker: str = "A") -> TimedClip:
    return TimedClip(number, speaker, Span(start, end), natural)


def cost(clips: list[TimedClip], placements: tuple[Placement, ...]) -> float:
    return sum(
        (p.span.duration / u.natural - 1) ** 2 + SHIFT_COST * (p.span.start - u.source.start) ** 2
        for u, p in zip(clips, placements, strict=True)
    )


def by_slsqp(clips: list[TimedClip], end: float, options: Timing) -> float:
    """The least cost that a general solver finds; every pair is constrained, none is left out."""
    onset = np.array([u.source.start for u in clips])
    natural = np.array([u.natural for u in clips])
    n = len(clips)

    def gaps(x: np.ndarray) -> np.ndarray:
        starts, lengths = x[:n], x[n:]
        rooms = []
        for j in range(n):
            for i in range(j):
                one, two = clips[i], clips[j]
                same = one.speaker == two.speaker
                room = options.gap if same else -max(0.0, one.source.end - two.source.start)
                if same and any(u.speaker == one.speaker for u in clips[i + 1 : j]):
                    room = 0.0
                rooms.append(starts[j] - starts[i] - lengths[i] - room)
        rooms += list(end - starts - lengths)
        return np.array(rooms)

    result = minimize(
        lambda x: np.sum((x[n:] / natural - 1) ** 2) + SHIFT_COST * np.sum((x[:n] - onset) ** 2),
        np.concatenate((onset, natural * 0.9)),
        method="SLSQP",
        bounds=[
            *((max(0.0, o - options.max_shift), o + options.max_shift) for o in onset),
            *((options.min_stretch * d, options.max_stretch * d) for d in natural),
        ],
        constraints={"type": "ineq", "fun": gaps},
        options={"maxiter": 500, "ftol": 1e-12},
    )
    assert result.success, result.message
    return float(result.fun)


@pytest.mark.parametrize("seed", range(12))
def test_is_as_good_as_a_general_solver(seed: int) -> None:
    random = np.random.default_rng(seed)
    clock, clips = 0.0, []
    for number in range(6):
        clock += random.uniform(-0.3, 1.0)
        length = random.uniform(0.8, 3.0)
        speaker = random.choice(["A", "B"])
        start = max(0.0, clock)
        clips.append(
            said(number, start, start + length, length * random.uniform(0.7, 1.15), speaker)
        )
        clock = start + length
    clips = in_order(clips)
    placements = plan(clips, options=OPTIONS, end=clock + 1.0)
    assert not any(p.flags for p in placements)
    assert cost(clips, placements) == pytest.approx(
        by_slsqp(clips, clock + 1.0, OPTIONS), rel=1e-4, abs=1e-7
    )


def test_what_fits_is_not_touched() -> None:
    clips = [said(0, 1.0, 3.0, 1.5), said(1, 4.0, 6.0, 2.0)]
    first, second = plan(clips, options=OPTIONS, end=10.0)
    assert (first.span.start, first.span.end) == pytest.approx((1.0, 2.5), abs=SLACK)
    assert (second.span.start, second.stretch) == pytest.approx((4.0, 1.0), abs=SLACK)


def test_a_pause_lends_its_time_to_both_sides() -> None:
    """Two long clips with a pause between: the first starts early, the second starts late."""
    clips = [said(0, 2.0, 4.0, 2.4), said(1, 4.1, 6.0, 2.4)]
    first, second = plan(clips, options=OPTIONS, end=20.0)
    assert first.span.start < 2.0 - SLACK
    assert second.span.start > 4.1 + SLACK
    assert second.span.start - first.span.end >= OPTIONS.gap - SLACK


def test_speakers_may_overlap_as_much_as_they_did_and_no_more() -> None:
    clips = [said(0, 0.0, 3.0, 4.0, "A"), said(1, 2.5, 5.0, 2.5, "B")]
    first, second = plan(clips, options=OPTIONS, end=20.0)
    assert first.span.end - second.span.start <= 0.5 + SLACK
    apart = [said(0, 0.0, 3.0, 4.0, "A"), said(1, 3.0, 5.0, 2.5, "B")]
    first, second = plan(apart, options=OPTIONS, end=20.0)
    assert first.span.end <= second.span.start


def test_the_end_of_the_video_pulls_the_last_clip_forward() -> None:
    (last,) = plan([said(0, 8.0, 9.0, 2.0)], options=OPTIONS, end=9.0)
    assert last.span.end <= 9.0 + SLACK
    assert not last.flags
    (free,) = plan([said(0, 8.0, 9.0, 2.0)], options=OPTIONS, end=None)
    assert free.span.start == pytest.approx(8.0, abs=SLACK)


def test_limits_yield_with_a_flag_and_say_how_much_shorter() -> None:
    clips = [said(k, 2.0 * k, 2.0 * k + 2.0, 2.8) for k in range(10)]
    placements = plan(clips, options=OPTIONS, end=20.0)
    assert all(FAST in p.flags for p in placements)
    assert all(p.stretch >= 1 / OPTIONS.hard_stretch - SLACK for p in placements)
    shorter = planner.too_long(placements, options=OPTIONS)
    assert shorter.keys() == set(range(10))
    again = [said(u.segment_id, u.source.start, u.source.end, 2.8 * 0.8) for u in clips]
    assert all(0.75 < factor < 0.9 for factor in shorter.values())
    assert not planner.too_long(plan(again, options=OPTIONS, end=20.0), options=OPTIONS)


def test_beyond_the_hard_limit_everything_is_still_there_in_order() -> None:
    clips = [said(k, 2.0 * k, 2.0 * k + 2.0, 4.5) for k in range(4)]
    placements = plan(clips, options=OPTIONS, end=8.0)
    assert [p.segment_id for p in placements] == [0, 1, 2, 3]
    assert any(TOO_FAST in p.flags for p in placements)
    assert placements[-1].span.end <= 8.0 + SLACK


def test_an_inaccurate_answer_of_the_solver_is_mended_and_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clips = [said(0, 0.0, 1.0, 1.0), said(1, 1.0, 2.0, 1.0)]
    answer = np.array([0.0, 0.7]), np.array([1.0, 1.0])
    monkeypatch.setattr(planner, "_solve", lambda *_args, **_more: answer)
    first, second = plan(clips, options=OPTIONS, end=5.0)
    assert first.span.end + OPTIONS.gap == pytest.approx(second.span.start)
    assert FAST in first.flags and "0.350 s shorter" in caplog.text


def test_an_answer_that_cannot_be_mended_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    clips = [said(0, 0.0, 1.0, 1.0), said(1, 1.0, 2.0, 1.0)]
    answer = np.array([0.5, 0.5]), np.array([1.0, 1.0])
    monkeypatch.setattr(planner, "_solve", lambda *_args, **_more: answer)
    with pytest.raises(StageError, match=r"no plan of the timing .* overlaps by 1\.05 s"):
        plan(clips, options=OPTIONS, end=5.0)


def test_a_far_shift_is_flagged() -> None:
    options = OPTIONS.model_copy(update={"max_shift": 0.1})
    clips = [said(0, 0.0, 0.5, 2.0), said(1, 0.6, 1.0, 2.0), said(2, 1.1, 1.5, 2.0)]
    placements = plan(clips, options=options, end=6.0)
    assert SHIFTED in placements[-1].flags


def test_what_cannot_fit_is_refused_in_one_sentence() -> None:
    with pytest.raises(StageError, match=r"100\.0 s of speech cannot be fitted into 2\.0 s"):
        plan([said(0, 0.0, 2.0, 100.0)], options=OPTIONS, end=2.0)


def test_nothing_to_say_is_no_plan() -> None:
    assert plan([], options=OPTIONS, end=3.0) == ()


@st.composite
def conversations(draw: st.DrawFn) -> list[TimedClip]:
    clock, clips = 0.0, []
    for number in range(draw(st.integers(1, 9))):
        start = max(0.0, clock + draw(st.floats(-1.0, 2.0)))
        length = draw(st.floats(0.2, 4.0))
        natural = length * draw(st.floats(0.4, 2.2))
        clips.append(said(number, start, start + length, natural, draw(st.sampled_from("AB"))))
        clock = max(clock, start + length)
    return clips


@given(conversations(), st.floats(0.0, 3.0))
@settings(max_examples=150, deadline=None)
def test_promises(clips: list[TimedClip], tail: float) -> None:
    ordered = in_order(clips)
    end = max(u.source.end for u in ordered) + tail
    placements = plan(clips, options=OPTIONS, end=end)
    assert [p.segment_id for p in placements] == [u.segment_id for u in ordered]
    for j, (later, late) in enumerate(zip(ordered, placements, strict=True)):
        assert late.span.start >= 0
        assert late.span.end <= end + SLACK
        assert late.stretch == pytest.approx(late.span.duration / later.natural)
        assert late.stretch <= OPTIONS.max_stretch + SLACK
        if not late.flags:
            assert late.stretch >= OPTIONS.min_stretch - 2 * planner.TOLERANCE
            assert abs(late.span.start - later.source.start) <= OPTIONS.max_shift + 2e-4
        for earlier, early in zip(ordered[:j], placements[:j], strict=True):
            allowed = 0.0
            if earlier.speaker != later.speaker:
                allowed = max(0.0, earlier.source.end - later.source.start)
            assert early.span.end - allowed <= late.span.start + 1e-9


@given(conversations())
def test_the_pairs_that_are_left_out_follow_from_the_rest(clips: list[TimedClip]) -> None:
    ordered = in_order(clips)
    reach = {(i, j) for i, j, room in followers(ordered, gap=0.1) if room >= 0}
    for h in range(len(ordered)):  # transitive closure, Warshall
        reach |= {(i, j) for i, a in reach if a == h for b, j in reach if b == h}
    for j, later in enumerate(ordered):
        for i, earlier in enumerate(ordered[:j]):
            apart = earlier.source.end <= later.source.start
            if earlier.speaker == later.speaker or apart:
                assert (i, j) in reach
