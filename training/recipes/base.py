"""What the recipes share: batches of windows, means over held-out ones, exported checkpoints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn

from lipsync import checkpoint
from lipsync.checkpoint import Info
from training.data.dataset import Batch, Windows, WindowSource, load
from training.data.packed import TRAIN, VAL
from training.loop import State, Trainer
from training.parallel import World
from training.settings import Settings


class WindowRecipe(ABC):
    """A recipe that learns from windows of packed tracks; see `training.loop.Recipe`.

    Args:
        settings: of the run; the global generator is seeded, so that weights are reproducible.
    """

    averaged: tuple[str, ...]
    held_out_batches: int = 24
    """Batches of an evaluation."""
    mel_offset: int = 0
    """What the exported checkpoint says of its windows of sound."""
    modules: dict[str, nn.Module]

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        torch.manual_seed(settings.run.seed)

    @abstractmethod
    def windows(self, source: WindowSource, *, training: bool) -> Windows:
        """The dataset of one split."""

    @abstractmethod
    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """See `training.loop.Recipe`."""

    @abstractmethod
    def measure(self, modules: dict[str, nn.Module], batch: Batch) -> dict[str, float]:
        """The figures of one held-out batch."""

    @abstractmethod
    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """See `training.loop.Recipe`."""

    def batches(self, first: int, world: World) -> Iterator[Batch]:
        """Endless micro-batches of training windows."""
        windows = self.windows(WindowSource.of_split(self.settings, TRAIN), training=True)
        return load(
            windows,
            batch=self.settings.run.batch,
            first=first,
            world=world,
            workers=self.settings.data.workers,
        )

    def evaluate(self, modules: dict[str, nn.Module], state: State) -> dict[str, float]:
        """Means of `measure` over the first held-out windows, loaded in this process."""
        device = next(modules[self.averaged[0]].parameters()).device
        windows = self.windows(WindowSource.of_split(self.settings, VAL), training=False)
        sums = Counter[str]()  # of floats
        for batch in islice(load(windows, batch=self.settings.run.batch), self.held_out_batches):
            placed = {name: tensor.to(device) for name, tensor in batch.items()}
            sums.update(self.measure(modules, placed))
        return {name: value / self.held_out_batches for name, value in sums.items()}

    def save(self, folder: Path, name: str, model: nn.Module, state: State) -> None:
        """Write `export/NAME.safetensors` in fp16, with what it was made from."""
        path = folder / "export" / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        info = Info(
            training_data=self.settings.data.name,
            licence=self.settings.data.licence,
            config_digest=self.settings.digest(),
            mel_offset=self.mel_offset,
            steps=state.step,
        )
        checkpoint.save(path, model, info, half=True)

    def ordered(self, pictures: Tensor) -> Tensor:
        """(B, C, H, W) in the memory order that the settings ask for."""
        if not self.settings.run.channels_last:
            return pictures
        return pictures.contiguous(memory_format=torch.channels_last)
