"""From the source's timestamps to a constant frame rate, exactly.

Output frame k is shown during [k, k + 1) / fps and repeats the source frame that is on screen in
the middle of that time.  A constant-rate source therefore passes one to one, however its
container rounds timestamps, and a variable-rate one is off by half a frame at most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

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
_ROUNDING = Fraction(15, 10_000)
"""Seconds by which containers that count in milliseconds misplace a frame, with some room."""


def constant_rate(times: Sequence[Fraction], stated: Sequence[Fraction]) -> tuple[Fraction, bool]:
    """The output's rate, and whether the source's own rate varies.

    Args:
        times: presentation times in seconds, ascending, at least two.
        stated: rates that the container claims, the likeliest first.

    Returns:
        A rate at which frame k is within half a frame of k / rate, if there is one (constant
        source); else the lowest common rate on whose grid all frames lie (frames were dropped);
        else the average.  Slow rates are raised to a whole multiple.
    """
    average = (len(times) - 1) / (times[-1] - times[0])
    candidates = [rate for rate in (*stated, *COMMON_RATES, average) if rate > 0]
    for rate in candidates:
        if _constant(times, rate):
            return _raised(rate), False
    for rate in sorted(candidates):
        if rate <= HIGHEST_VARIABLE_RATE and _on_grid(times, rate):
            return _raised(rate), True
    return _raised(min(average.limit_denominator(1001), HIGHEST_VARIABLE_RATE)), True


def frame_count(duration: Fraction, rate: Fraction) -> int:
    """Frames that last `duration` seconds, rounded to the nearest, at least one."""
    return max(1, math.floor(duration * rate + Fraction(1, 2)))


def middle(index: int, rate: Fraction) -> Fraction:
    """Seconds at which output frame `index` is half over: the moment that it depicts."""
    return (index + Fraction(1, 2)) / rate


def _constant(times: Sequence[Fraction], rate: Fraction) -> bool:
    half = Fraction(1, 2)
    return all(abs((time - times[0]) * rate - index) < half for index, time in enumerate(times))


def _on_grid(times: Sequence[Fraction], rate: Fraction) -> bool:
    """True if every time is close to a whole number of frames, no two to the same."""
    last = -1
    for time in times:
        place = (time - times[0]) * rate
        slot = math.floor(place + Fraction(1, 2))
        if slot == last or abs(place - slot) > _ROUNDING * rate:
            return False
        last = slot
    return True


def _raised(rate: Fraction) -> Fraction:
    if rate >= LOWEST_RATE:
        return rate
    return rate * math.ceil(_RAISED_RATE / rate)
