"""The isochrony planner beside stretching each clip into its own slot.

    python -m benchmarks.timing [--segments 200] [--json FILE]

Segments and clip lengths are drawn: speech of 1 to 7 s with pauses of 0.05 to 1.5 s, and clips
that are `ratio` times as long as the source's speech on average, with a spread of 20%.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from f2f.config import Timing
from f2f.timing.planner import TimedClip, in_order, plan
from f2f.types import Span

RATIOS = (0.9, 1.0, 1.1, 1.2, 1.3)


@dataclass(frozen=True)
class Row:
    """One way of placing one set of clips."""

    ratio: float
    way: str
    stretch_p50: float
    stretch_p95: float
    out_of_range: int
    """Clips that are spoken faster or slower than the limits allow."""
    onset_p95: float
    seconds: float


def draw(count: int, ratio: float, random: np.random.Generator) -> list[TimedClip]:
    """A speaker's segments, and the lengths of their clips."""
    clock, drawn = 0.0, []
    for number in range(count):
        clock += random.uniform(0.05, 1.5)
        length = random.uniform(1.0, 7.0)
        natural = length * ratio * random.lognormal(0.0, 0.2)
        drawn.append(TimedClip(number, "A", Span(clock, clock + length), natural))
        clock += length
    return in_order(drawn)


def measure(count: int) -> list[Row]:
    """Both ways for every ratio."""
    options, rows = Timing(), []
    for ratio in RATIOS:
        clips = draw(count, ratio, np.random.default_rng(0))
        each = [one.source.duration / one.natural for one in clips]
        rows.append(_row(ratio, "each alone", each, [0.0] * count, 0.0, options))
        started = time.perf_counter()
        placed = plan(clips, options=options, end=clips[-1].source.end + 1.0)
        seconds = time.perf_counter() - started
        shifts = [
            abs(one.span.start - clip.source.start) for one, clip in zip(placed, clips, strict=True)
        ]
        rows.append(_row(ratio, "planned", [p.stretch for p in placed], shifts, seconds, options))
    return rows


def _row(
    ratio: float,
    way: str,
    stretches: Sequence[float],
    shifts: Sequence[float],
    seconds: float,
    options: Timing,
) -> Row:
    factors = np.maximum(stretches, 1 / np.asarray(stretches))
    outside = [
        not options.min_stretch - 1e-4 <= one <= options.max_stretch + 1e-4 for one in stretches
    ]
    return Row(
        ratio,
        way,
        float(np.percentile(factors, 50)),
        float(np.percentile(factors, 95)),
        sum(outside),
        float(np.percentile(shifts, 95)),
        seconds,
    )


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = measure(options.segments)
    print("| clip / source | way | stretch p50 | p95 | out of range | onset p95 s | seconds |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row.ratio} | {row.way} | {row.stretch_p50:.3f} | {row.stretch_p95:.3f} "
            f"| {row.out_of_range} | {row.onset_p95:.2f} | {row.seconds:.3f} |"
        )
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2))


if __name__ == "__main__":
    main()
