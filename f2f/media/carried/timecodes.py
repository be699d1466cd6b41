"""The time of day that a camera or an editor gave to the first frame (SMPTE ST 12-1)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from f2f.media.frames import main_picture
from f2f.media.opening import opened
from f2f.media.timeline import in_frames

log = logging.getLogger(__name__)

_WRITTEN = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)([:;.])(\d\d)")
_DAY = 24 * 60
"""Minutes."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """How timecodes count at a rate."""

    nominal: int
    """Frames that a counted second has."""
    dropped: int
    """Numbers left out at the start of each minute but every tenth, so that 29.97 keeps time."""

    def number(self, minutes: int, seconds: int, frames: int) -> int:
        """Frames since midnight."""
        counted = (minutes * 60 + seconds) * self.nominal + frames
        return counted - self.dropped * (minutes - minutes // 10)

    def written(self, number: int) -> str:
        """The timecode of the frame of that number, modulo a day."""
        minute = 60 * self.nominal - self.dropped
        ten = 10 * minute + self.dropped
        number %= _DAY // 10 * ten
        tens, rest = divmod(number, ten)
        skipped = 0 if rest < minute + self.dropped else (rest - self.dropped) // minute
        number += self.dropped * (9 * tens + skipped)
        seconds, frames = divmod(number, self.nominal)
        minutes, seconds = divmod(seconds, 60)
        mark = ";" if self.dropped else ":"
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{mark}{frames:02}"


def at(path: Path, *, start: Fraction, rate: Fraction) -> str | None:
    """The timecode of a result's first frame; None if the source has none, or one that its frames
    cannot count by, of which a warning tells.

    Args:
        path: the source.
        start: of the result, in seconds on the source's clock.
        rate: frames a second of the result.
    """
    with opened(path) as container:
        stated = next(_stated(container), None)
        if stated is None:
            return None
        picture = main_picture(container)
        first = (picture.start_time or 0) * picture.time_base
        own = picture.average_rate or rate
    given = _WRITTEN.fullmatch(stated)
    dropping = given is not None and given[4] != ":"
    if given is None or (dropping and round(own) % 30) or round(own) != round(rate):
        log.warning(
            "the timecode of the source (%s) is left out: its frames are counted by %.3f a second",
            *(stated, float(rate)),
        )
        return None
    clock = _Clock(round(own), round(own) // 15 if dropping else 0)
    hours, minutes, seconds, frames = (int(given[group]) for group in (1, 2, 3, 5))
    number = clock.number(hours * 60 + minutes, seconds, frames)
    return clock.written(number + round(in_frames(start - first, rate)))


def _stated(container: Any) -> Iterator[str]:
    """What the picture, the timecode tracks, and the whole say, in this order."""
    for owner in (main_picture(container), *container.streams.data, container):
        for name, value in owner.metadata.items():
            if name.lower() == "timecode":
                yield value
