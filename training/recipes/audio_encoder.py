"""Recipe of the generator's audio encoder alone: which lip codes does a sound go with?

The guided warm-up lets decoder and audio encoder meet in one embedding (`training.data.lip_codes`), so
the second can be trained by itself, on twenty times the sound in the same time. A regression is
timid: what sound does not tell, it answers with a mouth half open, and moves a third as much as
people do. So codes must move as much as asked for as well, and their movements must fit their sound
better than the sounds of other moments of the clip, by the judgement of the expert's teacher
(`training.recipes.landmark_sync`). Not part of the papers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn

from f2f.errors import ConfigError
from lipsync import checkpoint
from lipsync.generator import Generator
from training.data import lip_codes
from training.data.dataset import Batch, CodeWindows, load_split
from training.data.packed import tracks
from training.loop import State, Trainer
from training.losses import centred, cosines
from training.parallel import World
from training.recipes import landmark_sync
from training.recipes.export import describe
from training.settings import Settings

log = logging.getLogger(__name__)

EVALUATED = 24
"""Batches of held-out windows in an evaluation."""
STIR = 10.0
"""Weight of what a clip's codes move too little."""


class HearingRecipe:
    """Trains the audio encoder of a guided generator; see `training.loop.Recipe`."""

    averaged: tuple[str, ...] = ("encoder",)

    def __init__(self, settings: Settings) -> None:
        self.settings, self.task = settings, settings.hearing
        if self.task.start is None or self.task.teacher is None:
            raise ConfigError("hearing: `start` names a guided generator, `teacher` its judge")
        torch.manual_seed(settings.run.seed)
        loaded = checkpoint.load(self.task.start, Generator)
        self.generator, self.mel_offset = loaded.model, loaded.info.mel_offset
        self.teacher = landmark_sync.load(self.task.teacher)
        self.modules: dict[str, nn.Module] = {"encoder": self.generator.audio_encoder}

    def batches(self, first: int, world: World) -> Iterator[Batch]:
        """Micro-batches of `CodeWindows`."""
        return self._load("train", first, world)

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """Distance from the true codes, what they move too little, and the teacher's contrast."""
        with trainer.autocast():
            embedding = self._embedding(batch)
        true = batch["codes"]
        wanted = lip_codes.embedding_of(true.flatten(0, 2), embedding.shape[-1])
        distance = (embedding.flatten(0, 2) - wanted).square().sum(-1).mean()
        said = embedding[..., : lip_codes.CODES] - lip_codes.LEVEL
        fit = landmark_sync.match(*self._judged(said, batch))
        still = (self.task.move * movement(true) - movement(said)).clamp_min(0)  # (K, C)
        stiff = still.square().sum(-1).mean()
        trainer.descend(distance + STIR * stiff + self.task.fit * fit)
        found = {"distance": distance, "stiff": stiff, "fit": fit}
        return {name: float(loss.detach()) for name, loss in found.items()}

    def evaluate(self, modules: dict[str, nn.Module], state: State) -> dict[str, float]:
        """On held-out speakers: distance, size of the movements, and how well they fit the sound.

        `val_move` is the movement's size beside the true one's; `val_rank` is the part of false
        sounds that the teacher ranks below the true one, `val_real` the same for the true lips.
        """
        device = next(modules["encoder"].parameters()).device
        sums = dict[str, float]()
        for batch in islice(self._load("val", 0, World()), EVALUATED):
            placed = {name: tensor.to(device) for name, tensor in batch.items()}
            said = self._embedding(placed)[..., : lip_codes.CODES] - lip_codes.LEVEL
            true = placed["codes"]
            found = {
                "val_distance": float((said - true).square().sum(-1).mean()),
                "val_move": float(movement(said).norm() / movement(true).norm()),
                "val_rank": _rank(*self._judged(said, placed)),
                "val_real": _rank(*self._judged(true, placed)),
            }
            sums = {name: sums.get(name, 0.0) + value for name, value in found.items()}
        return {name: value / EVALUATED for name, value in sums.items()}

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """`export/wav2lip.safetensors`: the generator that was started from, hearing better."""
        path = folder / "export" / "wav2lip.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        info = describe(self.settings, state.step, mel_offset=self.mel_offset)
        checkpoint.save(path, self.generator, info, half=True)

    def _embedding(self, batch: Batch) -> Tensor:
        """(K, M, FRAMES, E)."""
        mels = batch["mels"]  # (K, M, FRAMES, 1, 80, 16)
        encoded = self.modules["encoder"](mels.flatten(0, 2)).flatten(1).float()
        embedding: Tensor = encoded.reshape(*mels.shape[:3], -1)
        return embedding

    def _judged(self, codes: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """The teacher's embeddings of codes and of their sound, (K, M, SIZE) each."""
        return self.teacher.to(codes.device).embed(codes, batch["heard"])

    def _load(self, split: str, first: int, world: World) -> Iterator[Batch]:
        settings, training = self.settings, split == "train"
        windows = CodeWindows(
            tracks(settings.data.packed, split),
            settings.data,
            settings.augment if training else None,
            settings.run.seed,
            frames=landmark_sync.FRAMES,
            count=self.task.windows,
            mel_offset=self.mel_offset,
        )
        return load_split(windows, settings, first=first, world=world, training=training)


def movement(codes: Tensor) -> Tensor:
    """Standard deviation of each code (K, M, F, C) inside its clip, (K, C)."""
    return codes.flatten(1, 2).std(1)


def _rank(video: Tensor, audio: Tensor) -> float:
    similarity = cosines(centred(video), centred(audio))  # (K, M, M)
    true = similarity.diagonal(dim1=1, dim2=2)[:, :, None]
    others = ~torch.eye(similarity.shape[1], dtype=torch.bool, device=similarity.device)
    return float((true > similarity)[:, others].float().mean())
