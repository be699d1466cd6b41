"""Shorter words for the same thing, and how long a text takes to say.

The speech rates are those of the voices here, measured over five sentences each (letters, spaces
included, by seconds of sound without the silence around it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

import yaml

from f2f.types import Segment

LETTERS_PER_SECOND = {
    "en": 17.0, "es": 17.2, "fr": 16.0, "hi": 12.2, "it": 16.0, "pt": 17.8, "ur": 11.9,
}  # fmt: skip
"""Language → letters a second at natural speed."""
USUAL_RATE = 14.0
"""For languages that were not measured."""
BORROWED_PAUSE = 0.5
"""Seconds of the pause after a segment that its translation may use."""


def condense(text: str, language: str) -> str:
    """`text` without fillers and hedges; unchanged where no rule fits or nothing would be left."""
    shorter = text
    for pattern in _patterns().get(language, ()):
        shorter = pattern.sub(" ", shorter)
    shorter = re.sub(r"\s+([,.;:!?])", r"\1", " ".join(shorter.split()))
    shorter = re.sub(r"^[,;:\s]+|([,;:])(?=[.!?,;:])", "", shorter)
    if not any(letter.isalpha() for letter in shorter):
        return text
    return shorter[:1].upper() + shorter[1:] if text[:1].isupper() else shorter


def seconds(text: str, language: str) -> float:
    """About how long `text` takes to say at natural speed."""
    return len(text) / LETTERS_PER_SECOND.get(language, USUAL_RATE)


def room(segments: Sequence[Segment], language: str, quickest: float) -> dict[int, int]:
    """Letters of `language` that fit each segment's time, by segment id.

    Args:
        segments: in order of time.
        language: what will be spoken.
        quickest: smallest placed / natural duration that is still acceptable.
    """
    rate = LETTERS_PER_SECOND.get(language, USUAL_RATE)
    ends = [segment.span.start for segment in segments[1:]] + [float("inf")]
    return {
        segment.id: int(
            rate
            / quickest
            * (segment.span.duration + min(BORROWED_PAUSE, max(0.0, end - segment.span.end)))
        )
        for segment, end in zip(segments, ends, strict=True)
    }


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    text = (resources.files("f2f") / "assets" / "brevity.yaml").read_text(encoding="utf-8")
    return {
        language: tuple(re.compile(rule, re.IGNORECASE) for rule in rules)
        for language, rules in yaml.safe_load(text).items()
    }
