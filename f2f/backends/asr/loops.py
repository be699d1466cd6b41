"""A recogniser that repeats itself is asked again, with a penalty on what it has just written.

Chants, laughter, stammering or music can bring Whisper into a loop: twelve words become a hundred.
When every temperature fails its own check of compression, it keeps the most probable text; nothing
looks at it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from f2f.media.timeline import samples_of
from f2f.roles import SPEECH_RATE, Samples

log = logging.getLogger(__name__)

COMPRESSION = 2.4
"""Bytes over compressed bytes of a text from which it counts as looping: Whisper's own limit."""
REPETITION_PENALTY = 1.1
"""What is once written becomes less likely by it (Keskar et al., "CTRL", 2019, section 4.1): the
smallest of 1.05, 1.1, 1.2 that ends a loop of twelve spoken words at ten."""

Item = dict[str, Any]
"""A segment with the fields that Whisper gives it."""


def heard_again(
    audio: Samples, items: Sequence[Item], hear: Callable[[Samples], Sequence[Item]]
) -> list[Item]:
    """`items` with every looping passage as it is heard with the penalty, if that loops less.

    Args:
        audio: 16 kHz mono, what was recognised.
        items: segments in order, times in seconds.
        hear: recognises a passage with the penalty.
    """
    length = len(audio) / SPEECH_RATE
    kept: list[Item] = []
    for start, end, loops, passage in _passages(items, length):
        if not loops:
            kept += passage
            continue
        part = audio[samples_of(start, SPEECH_RATE) : samples_of(end, SPEECH_RATE)]
        again = [_later(item, start) for item in hear(part)]
        better = again if _ratio(again) < _ratio(passage) else passage
        kept += better
        if _ratio(better) > COMPRESSION:
            log.warning(
                "what is said from %.1f s to %.1f s may be repeated more often than it was: %r",
                *(start, end, "".join(item["text"] for item in better).strip()[:60]),
            )
    return kept


def _passages(
    items: Sequence[Item], length: float
) -> Iterator[tuple[float, float, bool, list[Item]]]:
    """Start, end, whether it loops, and the segments; a passage ends where the next begins."""
    groups = [
        (loops, list(group))
        for loops, group in groupby(items, lambda item: item["compression_ratio"] > COMPRESSION)
    ]
    starts = [min(float(group[0]["start"]), length) for _, group in groups]
    ends = [*starts[1:], length]
    for (loops, group), start, end in zip(groups, starts, ends, strict=True):
        yield start, max(start, end), loops, group


def _ratio(items: Sequence[Item]) -> float:
    return max((float(item["compression_ratio"]) for item in items), default=0.0)


def _later(item: Item, seconds: float) -> Item:
    moved = {name: float(item[name]) + seconds for name in ("start", "end")}
    words = [
        word | {name: float(word[name]) + seconds for name in ("start", "end")}
        for word in item["words"] or ()
    ]
    return item | moved | {"words": words}
