"""Seconds, frames and samples: the only place where one becomes the other, exactly.

Output frame k is shown during [k, k + 1) / fps and repeats the source frame that is on screen in
the middle of that time.  A constant-rate source therefore passes one to one, however its
container rounds timestamps, and a variable-rate one is off by half a frame at most.

A float cannot hold most frame times: ⌈float(k / rate) · rate⌉ is k + 1 for one frame in seventeen
at 25 a second.  A time within `BOUNDARY` of where a frame begins therefore *is* that moment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from f2f.types import Beyond, Span

Seconds = float | Fraction

COMMON_RATES = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
)
STILL_RATE = Fraction(25)
"""Frames a second of a video that is made of one picture."""
LOWEST_RATE = Fraction(12)
"""Slower sources are shown at a whole multiple of their rate: lips need more than a slide show."""
HIGHEST_VARIABLE_RATE = Fraction(60)
_RAISED_RATE = Fraction(24)
BOUNDARY = Fraction(1, 1_000_000)
"""Seconds from the beginning of a frame within which a time is taken to be it: far above the error
of a float and of JSON's decimals, far below what is seen or heard."""
_ROUNDING = 0.0015
"""Seconds by which containers that count in milliseconds misplace a frame, with some room."""
_DIGITS = 5
"""Errors that differ by less than 10 microseconds are equal; the container's claim then wins."""

Clock = npt.NDArray[np.float64]
"""Times of the frames in seconds from the first; exact to far below a microsecond."""


def constant_rate(times: Sequence[Fraction], stated: Sequence[Fraction]) -> tuple[Fraction, bool]:
    """The output's rate, and whether the source's own rate varies.

    Args:
        times: presentation times in seconds, ascending, at least two.
        stated: rates that the container claims, the likeliest first.

    Returns:
        The rate at which frame k is at k / rate but for rounding, if there is one (constant
        source); else the lowest common rate on whose grid all frames lie (some were dropped);
        else the rate at which frame k is within half a frame of k / rate (a jittery clock); else
        the average.  Slow rates are raised to a whole multiple.
    """
    average = (len(times) - 1) / (times[-1] - times[0])
    known = [rate for rate in (*stated, *COMMON_RATES) if rate > 0]
    clock = np.array([float(time - times[0]) for time in times])
    errors = {rate: round(_error(clock, rate), _DIGITS) for rate in (*known, average)}
    best = min(known, key=lambda rate: errors[rate])
    for rate in (best, average):
        if errors[rate] <= _ROUNDING:
            return _raised(rate), False
    for rate in sorted(known):
        if rate <= HIGHEST_VARIABLE_RATE and _on_grid(clock, rate):
            return _raised(rate), True
    best = min(errors, key=lambda rate: errors[rate])
    if errors[best] < 1 / best / 2:
        return _raised(best), True
    return _raised(min(average.limit_denominator(1001), HIGHEST_VARIABLE_RATE)), True


def in_frames(seconds: Seconds, rate: Fraction) -> Fraction:
    """A time in frames from the first; a whole number where a frame begins (see `BOUNDARY`)."""
    place = Fraction(seconds) * rate
    nearest = round(place)
    return Fraction(nearest) if abs(place - nearest) <= BOUNDARY * rate else place


def frame_at(seconds: Seconds, rate: Fraction) -> int:
    """The frame that is shown at a time."""
    return math.floor(in_frames(seconds, rate))


def frames_until(seconds: Seconds, rate: Fraction) -> int:
    """The frames that begin before a time."""
    return math.ceil(in_frames(seconds, rate))


def frames_of(span: Span, rate: Fraction, *, count: int | None = None) -> range:
    """The frames that are shown during a span, if only for a part of their time.

    Spans that meet where a frame begins share no frame; those that meet within one share that one.

    Args:
        span: in seconds; what lies before 0 has no frames.
        rate: frames a second.
        count: frames that there are; None for no end.
    """
    first = max(0, frame_at(span.start, rate))
    last = frames_until(span.end, rate)
    return range(first, max(first, last if count is None else min(count, last)))


def exact_time(frame: int, rate: Fraction) -> Fraction:
    """Seconds at which a frame begins: as long as that many frames last."""
    return frame / rate


def time_of(frame: int, rate: Fraction) -> float:
    """The same as the nearest float."""
    return float(exact_time(frame, rate))


def middle(index: int, rate: Fraction) -> Fraction:
    """Seconds at which output frame `index` is half over: the moment that it depicts."""
    return (index + Fraction(1, 2)) / rate


def frame_count(duration: Seconds, rate: Fraction) -> int:
    """Frames that last `duration` seconds, rounded to the nearest, at least one."""
    return max(1, math.floor(in_frames(duration, rate) + Fraction(1, 2)))


def samples_of(seconds: Seconds, sample_rate: int) -> int:
    """Samples that last `seconds`, rounded to the nearest; as a place, the sample heard then."""
    return round(Fraction(seconds) * sample_rate)


def duration_in_samples(frames: int, rate: Fraction, sample_rate: int) -> int:
    """Samples that last as long as `frames` frames; as a place, where frame `frames` begins."""
    return samples_of(exact_time(frames, rate), sample_rate)


def shown_frame(index: int, frames: int, beyond: Beyond) -> int:
    """Which of the source's `frames` frames is output frame `index`, which may lie after them."""
    if index < frames or beyond == "hold" or frames == 1:
        return min(index, frames - 1)
    if beyond == "loop":
        return index % frames
    place = index % (2 * (frames - 1))
    return min(place, 2 * (frames - 1) - place)


def _error(clock: Clock, rate: Fraction) -> float:
    """The most, in seconds, that any frame k is away from k / rate."""
    return float(np.abs(clock - np.arange(len(clock)) / float(rate)).max())


def _on_grid(clock: Clock, rate: Fraction) -> bool:
    """True if every time is close to a whole number of frames, no two to the same."""
    places = clock * float(rate)
    slots = np.rint(places)
    close = np.abs(places - slots).max() <= _ROUNDING * float(rate)
    return bool(close and np.diff(slots).min() >= 1)


def _raised(rate: Fraction) -> Fraction:
    if rate >= LOWEST_RATE:
        return rate
    return rate * math.ceil(_RAISED_RATE / rate)
