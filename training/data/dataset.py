"""Samples drawn from the packed tracks, endlessly and reproducibly.

Sample number n depends on the seed and on n alone, never on the worker that draws it or on what
was drawn before: a resumed run goes on with exactly the samples that it would have seen.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from training.data.excerpts import with_landmarks
from training.data.packed import TRAIN, Track, tracks
from training.data.sampling import Speakers
from training.parallel import World
from training.settings import Augment, Settings

Batch = dict[str, Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class WindowSource:
    """What windows are drawn from, and how."""

    tracks: Sequence[Track]
    sampling_exponent: float = 0.5
    """See `training.settings.Data`."""
    augment: Augment | None = None
    seed: int = 0

    @classmethod
    def of_split(cls, settings: Settings, split: str) -> WindowSource:
        """As a run's settings say; only training windows are augmented.

        Raises:
            InputError: nothing of the split is packed.
        """
        return cls(
            tracks(settings.data.packed, split),
            settings.data.sampling_exponent,
            settings.augment if split == TRAIN else None,
            settings.run.seed,
        )

    def with_landmarks(self) -> WindowSource:
        """Only the tracks for which `training lips` has run.

        Raises:
            InputError: there is none.
        """
        return replace(self, tracks=with_landmarks(self.tracks))


class Windows(Dataset[Batch]):
    """Windows of faces and sound; a subclass says what is cut from a drawn track."""

    def __init__(self, source: WindowSource) -> None:
        self.speakers = Speakers(source.tracks, source.sampling_exponent)
        self.augment = source.augment
        self.seed = source.seed

    def __getitem__(self, number: int) -> Batch:
        rng = np.random.default_rng((self.seed, number))
        return self.cut(self.speakers.draw(rng), rng)

    @abstractmethod
    def cut(self, track: Track, rng: np.random.Generator) -> Batch:
        """One item from a track."""


class _EndlessNumbers(Sampler[int]):
    """Sample numbers of one process: first + rank, and so on in steps of the world's size."""

    def __init__(self, first: int, world: World) -> None:
        self.first, self.world = first, world

    def __iter__(self) -> Iterator[int]:
        number = self.first + self.world.rank
        while True:
            yield number
            number += self.world.size


def load(
    dataset: Windows, *, batch: int, first: int = 0, world: World | None = None, workers: int = 0
) -> Iterator[Batch]:
    """Endless batches from sample number `first` on, shared among the processes of `world`."""
    loader: DataLoader[Batch] = DataLoader(
        dataset,
        batch_size=batch,
        sampler=_EndlessNumbers(first, world or World()),
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=torch.cuda.is_available(),
        # the global generator is the models': a loader made on resumption must not draw from it
        generator=torch.Generator(),
    )
    return iter(loader)
