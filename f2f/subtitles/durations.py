"""Times that a file does not give, from those around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from f2f.types import Segment, Span

LEAST = 1.0
"""Seconds that a line of no length is given, where there is room."""


def lasting(segments: Sequence[Segment]) -> list[Segment]:
    """Segments, in order of their start, of which those of no length last until the next one.

    Where the next begins at the same time, both share its span in proportion to their texts.
    """
    found = list(segments)
    at = 0
    while at < len(found):
        if found[at].span.duration > 0:
            at += 1
            continue
        together = [one for one in found[at:] if one.span.start == found[at].span.start]
        following = [one.span.start for one in found[at + len(together) :]]
        found[at : at + len(together)] = _dealt(together, following[0] if following else None)
        at += len(together)
    return found


def shared(span: Span, weights: Sequence[float]) -> list[Span]:
    """A span cut in proportion to the weights."""
    total = sum(weights)
    bounds = [span.start]
    for weight in weights:
        bounds.append(bounds[-1] + span.duration * weight / total)
    bounds[-1] = span.end
    return [Span(start, end) for start, end in pairwise(bounds)]


def _dealt(together: Sequence[Segment], following: float | None) -> list[Segment]:
    start = together[0].span.start
    end = max(one.span.end for one in together)
    if end <= start:
        end = start + LEAST * len(together)
        end = end if following is None else min(end, following)
    spans = shared(Span(start, end), [max(1, len(one.text)) for one in together])
    return [replace(one, span=span) for one, span in zip(together, spans, strict=True)]
