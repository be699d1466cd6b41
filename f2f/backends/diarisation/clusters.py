"""Voices into speakers: average-linkage clustering of embeddings by cosine distance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

from f2f.types import Span

Embeddings = npt.NDArray[np.float32]
"""(N, D), one voice print a row, of unit length."""

RELIABLE = 1.2
"""Seconds from which on an utterance's voice print may found a speaker."""
CLOSE, CLOSENESS = 0.5, 0.3
"""Cosine that a short utterance gains towards the voice beside it, fading over 0.5 s."""
LEAST_SHARE = 3.0
"""Seconds; a speaker who is heard for less is taken for the one who sounds most alike."""


def cluster(
    prints: Embeddings,
    spans: Sequence[Span],
    *,
    threshold: float,
    speakers: int | None,
) -> list[int]:
    """A speaker's number for each row, counted from 0 in the order of first appearance.

    Args:
        prints: (N, D) unit rows.
        spans: when each was heard; short ones only join, and rather whom they follow closely.
        threshold: cosine distance at which merging stops, if the number is to be found.
        speakers: their number if known.
    """
    if len(prints) == 0:
        return []
    heard = np.array([span.duration for span in spans])
    enough = np.flatnonzero(heard >= RELIABLE)
    if len(enough) < (speakers or 1):
        enough = np.argsort(-heard, kind="stable")[: speakers or 1]
    labels = _linked(prints[enough], threshold, speakers)
    if speakers is None:
        labels = _without_rare(labels, heard[enough], prints[enough])
    given = dict(zip(enough.tolist(), labels.tolist(), strict=True))
    centres = {label: _centre(prints[enough[labels == label]]) for label in set(labels.tolist())}
    everyone = [
        given[index] if index in given else _joined(index, prints, spans, given, centres)
        for index in range(len(prints))
    ]
    order = {label: number for number, label in enumerate(dict.fromkeys(everyone))}
    return [order[label] for label in everyone]


def _joined(
    index: int,
    prints: Embeddings,
    spans: Sequence[Span],
    given: Mapping[int, int],
    centres: Mapping[int, Embeddings],
) -> int:
    """The label for an utterance too short to found one: alike in voice, and close in time."""
    score = {label: float(prints[index] @ centre) for label, centre in centres.items()}
    for other, label in given.items():
        first, two = spans[index], spans[other]
        gap = max(0.0, first.start - two.end, two.start - first.end)
        bonus = CLOSENESS * math.exp(-gap / CLOSE)
        score[label] = max(score[label], float(prints[index] @ centres[label]) + bonus)
    return max(score, key=lambda label: score[label])


def _linked(prints: Embeddings, threshold: float, speakers: int | None) -> npt.NDArray[np.int_]:
    if len(prints) == 1:
        return np.ones(1, np.int_)
    tree = linkage(prints, method="average", metric="cosine")
    if speakers is not None:
        labels = fcluster(tree, speakers, criterion="maxclust")
    else:
        labels = fcluster(tree, threshold, criterion="distance")
    return np.asarray(labels, np.int_)


def _without_rare(
    labels: npt.NDArray[np.int_], heard: npt.NDArray[np.float64], prints: Embeddings
) -> npt.NDArray[np.int_]:
    """Labels whose speakers are all heard for long enough, unless none is."""
    total = {label: heard[labels == label].sum() for label in np.unique(labels)}
    kept = [label for label, seconds in total.items() if seconds >= LEAST_SHARE]
    if not kept:
        kept = [max(total, key=lambda label: total[label])]
    centres = {label: _centre(prints[labels == label]) for label in kept}
    return np.array(
        [
            label if label in centres else max(centres, key=lambda other: row @ centres[other])
            for label, row in zip(labels, prints, strict=True)
        ]
    )


def _centre(rows: Embeddings) -> Embeddings:
    mean = rows.mean(axis=0)
    centre: Embeddings = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return centre
