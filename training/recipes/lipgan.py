"""Recipe of LipGAN: thesis chapter 2."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from torch import nn

from lipsync import checkpoint
from lipsync.lipgan import LipGan, LipGanDiscriminator, contrastive_loss
from training import losses
from training.data.dataset import Batch, FaceWindows, load_split
from training.data.packed import tracks
from training.loop import State, Trainer
from training.parallel import World
from training.recipes.export import describe
from training.settings import Settings

EVALUATED = 24
"""Batches of held-out frames in an evaluation."""


class LipGanRecipe:
    """Trains `lipsync.lipgan.LipGan` against its discriminator; see `training.loop.Recipe`."""

    averaged: tuple[str, ...] = ("generator",)

    def __init__(self, settings: Settings) -> None:
        self.settings, self.task = settings, settings.lipgan
        torch.manual_seed(settings.run.seed)
        generator = LipGan(width=self.task.width, sound=self.task.sound)
        self.size, self.form = generator.size, generator.form
        self.modules: dict[str, nn.Module] = {
            "generator": generator,
            "discriminator": LipGanDiscriminator(width=self.task.width, sound=self.task.sound),
        }

    def batches(self, first: int, world: World) -> Iterator[Batch]:
        """Micro-batches of single frames."""
        return self._load("train", first, world)

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """Eq. 2.2 and 2.1 for the generator; 2.1 for the discriminator on three kinds of pair.

        The discriminator pulls real synced pairs together and pushes made and out-of-sync ones
        apart; the generator wants what it made to be near its sound.
        """
        generator, discriminator = self.modules["generator"], self.modules["discriminator"]
        mels, target = batch["mels"][:, 0], batch["target"][:, 0]  # one frame a window
        wrong = batch["wrong_mels"][:, 0]
        near, far = target.new_ones(len(target)), target.new_zeros(len(target))
        with trainer.autocast():
            made = generator(mels, batch["faces"][:, 0]).float()
            discriminator.requires_grad_(False)
            distance = discriminator(mels, made).float()
            discriminator.requires_grad_(True)
        recon = losses.reconstruction(made, target)
        fooled = contrastive_loss(distance, near)
        trainer.descend(recon + self.task.adversarial_weight * fooled)
        with trainer.autocast():
            pairs = torch.cat(
                (
                    discriminator(mels, target).float(),
                    discriminator(mels, made.detach()).float(),
                    discriminator(wrong, target).float(),
                )
            )
        judged = contrastive_loss(pairs, torch.cat((near, far, far)))
        trainer.descend(judged)
        return {
            "recon": float(recon.detach()),
            "gen": float(fooled.detach()),
            "disc": float(judged.detach()),
        }

    def evaluate(self, modules: dict[str, nn.Module], state: State) -> dict[str, float]:
        """L1 on held-out speakers."""
        generator = modules["generator"]
        device = next(generator.parameters()).device
        recon = 0.0
        for batch in islice(self._load("val", 0, World()), EVALUATED):
            made = generator(batch["mels"].to(device), batch["faces"].to(device)).float()
            recon += float(losses.reconstruction(made, batch["target"].to(device)))
        return {"val_recon": recon / EVALUATED}

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """`export/lipgan.safetensors`, in fp16."""
        path = folder / "export" / "lipgan.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        info = describe(self.settings, state.step)
        checkpoint.save(path, modules["generator"], info, half=True)

    def _load(self, split: str, first: int, world: World) -> Iterator[Batch]:
        settings, training = self.settings, split == "train"
        windows = FaceWindows(
            tracks(settings.data.packed, split),
            settings.data,
            settings.augment if training else None,
            settings.run.seed,
            frames=1,
            size=self.size,
            form=self.form,
        )
        return load_split(windows, settings, first=first, world=world, training=training)
