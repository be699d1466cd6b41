"""The placed clips as one file of sound, written as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from f2f.media import ExactWriter
from f2f.media.timeline import samples_of
from f2f.roles import Samples
from f2f.types import Placement

RATE = 48_000
"""Hz of the speech track."""

Render = Callable[[Placement, int], Samples]
"""A placement's clip in exactly that many samples."""


def write(path: Path, placements: Iterable[Placement], render: Render, *, samples: int) -> None:
    """Mono 16-bit sound of exactly `samples` samples; clips that overlap are added.

    Holds no more than the clips that sound at the same time.

    Args:
        path: the WAV file to write.
        placements: in any order; what lies beyond the end is cut.
        render: gives each clip's sound.
        samples: length of the file.
    """
    ahead = np.zeros(0, np.float32)  # mixed, not yet written
    with ExactWriter(path, RATE, channels=1, samples=samples) as writer:

        def flush(until: int) -> None:
            nonlocal ahead
            ready = ahead[: until - writer.written]
            ahead = ahead[len(ready) :]
            writer.write(ready[:, None])
            writer.silence(until - writer.written)

        for placement in sorted(placements, key=lambda one: one.span.start):
            span = placement.span
            start, end = samples_of(span.start, RATE), samples_of(span.end, RATE)
            flush(min(start, samples))
            clip = render(placement, max(1, end - start))
            ahead = np.pad(ahead, (0, max(0, len(clip) - len(ahead))))
            ahead[: len(clip)] += clip
        writer.write(ahead[:, None])


def length(placements: Iterable[Placement]) -> int:
    """Samples until the last clip ends."""
    return max((samples_of(one.span.end, RATE) for one in placements), default=0)
