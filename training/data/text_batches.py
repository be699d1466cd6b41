"""Which pairs of packed text a step sees: drawn by weight, put together by length.

Pairs are drawn in pools of many batches. Within a pool they are sorted by length and cut into
batches of about as many subwords each, so little is padding and every step costs the same. Batch n
depends on the seed and n alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from f2f.errors import ConfigError
from training.data.text_pack import END, PAD, TextPack

POOL = 64
"""Batches that are drawn and sorted together."""

Batch = dict[str, Tensor]


class Sampler:
    """Draws batches of a split.

    Args:
        pack: the text.
        tags: the numbers of the languages' tags, in the pack's order.
        weights: how often pairs of a source are drawn, beside 1 for one that is not named.
        temper: a language is drawn in proportion to (its weighted pairs) ** temper.
        sampled: part of the pairs that are seen in a sampled segmentation.
    """

    def __init__(
        self,
        pack: TextPack,
        tags: list[int],
        *,
        weights: Mapping[str, float],
        temper: float,
        sampled: float,
    ) -> None:
        unknown = set(weights) - set(pack.note.sources)
        if unknown:
            raise ConfigError(f"weights: no source '{min(unknown)}' in the packed text")
        self.pack, self.tags, self.sampled = pack, tags, sampled
        of_source = np.array([weights.get(source, 1.0) for source in pack.note.sources])
        languages, sources = pack.labels.T
        drawn = of_source[sources]
        sizes = np.bincount(languages, drawn, minlength=len(tags))
        drawn = drawn * np.maximum(sizes, 1e-9)[languages] ** (temper - 1)
        self._upto = np.cumsum(drawn / drawn.sum())

    def batches(self, first: int, step: int, size: int, seed: int) -> Iterator[Batch]:
        """Batches first, first + step, …, of `size` pairs in the mean."""
        number, pool, cut = first, -1, list[npt.NDArray[np.int64]]()
        while True:
            if number // POOL != pool:
                pool = number // POOL
                cut = self._pool(np.random.default_rng((seed, pool)), size)
            yield collated(self.pack, self.tags, cut[number % POOL])
            number += step

    def _pool(self, random: np.random.Generator, size: int) -> list[npt.NDArray[np.int64]]:
        """POOL arrays of (pair, version), shape (B, 2)."""
        count = size * POOL
        places = np.searchsorted(self._upto, random.random(count))
        pairs = np.minimum(places, len(self._upto) - 1)
        versions = np.zeros(count, np.int64)
        if self.pack.spans.shape[1] > 1:
            other = random.integers(1, self.pack.spans.shape[1], count)
            versions = np.where(random.random(count) < self.sampled, other, 0)
        cut = cut_by_length(self.pack, np.stack([pairs, versions], axis=1), POOL)
        return [cut[place] for place in random.permutation(POOL)]


def cut_by_length(
    pack: TextPack, chosen: npt.NDArray[np.int64], parts: int
) -> list[npt.NDArray[np.int64]]:
    """Pairs and versions (N, 2) in `parts` batches of like lengths and like numbers of subwords."""
    lengths = pack.spans[chosen[:, 0], chosen[:, 1], :, 1]  # (N, 2)
    order = np.lexsort((lengths[:, 0], lengths.max(axis=1)))
    cost = lengths[order].sum(axis=1).cumsum()
    places = np.arange(1, parts)
    bounds = np.searchsorted(cost, cost[-1] * places / parts)
    # where pairs are few: one at least for every batch
    bounds = np.maximum.accumulate(bounds - places) + places
    bounds = np.clip(bounds, places, len(order) - parts + places)
    return np.split(chosen[order], bounds)


def collated(pack: TextPack, tags: list[int], chosen: npt.NDArray[np.int64]) -> Batch:
    """`source` (B, S), and `target` (B, T) from the language's tag to END."""
    sources, targets = [], []
    for pair, version in chosen:
        sources.append(pack.side(pair, version, 0))
        tag = tags[pack.labels[pair, 0]]
        targets.append(np.concatenate([[tag], pack.side(pair, version, 1), [END]]))
    return {"source": padded(sources, pack.note.padding), "target": padded(targets, PAD)}


def padded(rows: Sequence[Sequence[int] | npt.NDArray[np.integer[Any]]], padding: int) -> Tensor:
    """(B, longest), int64."""
    table = np.full((len(rows), max(map(len, rows))), padding, np.int64)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return torch.from_numpy(table)
