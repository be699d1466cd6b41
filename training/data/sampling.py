"""What is drawn: whose track, and which windows of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.data.packed import Track

FARTHEST = 9
"""Most frames between two neighbouring windows of a clip."""


class Speakers:
    """Draws a speaker, in proportion to frames ** exponent, then a track of theirs."""

    def __init__(self, tracks: Sequence[Track], exponent: float) -> None:
        by_name: dict[str, list[Track]] = {}
        for track in tracks:
            by_name.setdefault(track.speaker, []).append(track)
        self._tracks = [by_name[name] for name in sorted(by_name)]
        frames = np.array([sum(map(len, group)) for group in self._tracks], np.float64)
        self._odds = np.cumsum(frames**exponent / (frames**exponent).sum())

    def draw(self, rng: np.random.Generator) -> Track:
        """One track."""
        group = self._tracks[min(int(np.searchsorted(self._odds, rng.random())), len(self) - 1)]
        return group[int(rng.integers(len(group)))]

    def __len__(self) -> int:
        return len(self._tracks)


def window_starts(last: int, count: int, rng: np.random.Generator) -> list[int]:
    """`count` first frames in [0, last], evenly 3 to 9 frames apart, closer in short clips."""
    widest = max(1, last // max(1, count - 1))
    gap = int(rng.integers(min(3, widest), min(FARTHEST, widest) + 1))
    first = int(rng.integers(max(0, last - gap * (count - 1)) + 1))
    return [min(first + gap * number, last) for number in range(count)]


def sample_apart(start: int, last: int, apart: int, rng: np.random.Generator) -> int:
    """Another first frame in [0, last], `apart` frames away from `start` where there is room."""
    places = [at for at in range(last + 1) if abs(at - start) >= apart]
    if not places:
        places = [at for at in range(last + 1) if at != start] or [start]
    return places[int(rng.integers(len(places)))]
