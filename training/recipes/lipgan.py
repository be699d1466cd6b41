"""Recipe of LipGAN: thesis chapter 2."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from lipsync.lipgan import LipGan, LipGanDiscriminator, contrastive_loss
from training import losses
from training.data.dataset import Batch, WindowSource
from training.data.windows import FaceWindows
from training.loop import State, Trainer
from training.recipes.base import WindowRecipe
from training.settings import Settings


class LipGanRecipe(WindowRecipe):
    """Trains `lipsync.lipgan.LipGan` against its discriminator."""

    averaged: tuple[str, ...] = ("generator",)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        task = self.task = settings.lipgan
        generator = LipGan(width=task.width, sound=task.sound)
        self.size, self.form = generator.size, generator.form
        self.modules = {
            "generator": generator,
            "discriminator": LipGanDiscriminator(width=task.width, sound=task.sound),
        }

    def windows(self, source: WindowSource, *, training: bool) -> FaceWindows:
        """Single frames."""
        return FaceWindows(source, frames=1, size=self.size, form=self.form)

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """Eq. 2.2 and 2.1 for the generator; 2.1 for the discriminator on three kinds of pair.

        The discriminator pulls real synced pairs together and pushes generated and out-of-sync
        ones apart; the generator wants what it generated to be near its sound.
        """
        generator, discriminator = self.modules["generator"], self.modules["discriminator"]
        mels, target = batch["mels"][:, 0], batch["target"][:, 0]  # one frame a window
        wrong_mels = batch["wrong_mels"][:, 0]
        near, far = target.new_ones(len(target)), target.new_zeros(len(target))
        with trainer.autocast():
            generated = generator(mels, batch["faces"][:, 0]).float()
            discriminator.requires_grad_(False)
            distance = discriminator(mels, generated).float()
            discriminator.requires_grad_(True)
        reconstruction = losses.reconstruction(generated, target)
        adversarial = contrastive_loss(distance, near)
        trainer.descend(reconstruction + self.task.adversarial_weight * adversarial)
        pairs = ((mels, target), (mels, generated.detach()), (wrong_mels, target))
        with trainer.autocast():
            distances = torch.cat([discriminator(*pair).float() for pair in pairs])
        discrimination = contrastive_loss(distances, torch.cat((near, far, far)))
        trainer.descend(discrimination)
        return {
            "recon": float(reconstruction.detach()),
            "gen": float(adversarial.detach()),
            "disc": float(discrimination.detach()),
        }

    def measure(self, modules: dict[str, nn.Module], batch: Batch) -> dict[str, float]:
        """L1 on held-out speakers."""
        generated = modules["generator"](batch["mels"], batch["faces"]).float()
        return {"val_recon": float(losses.reconstruction(generated, batch["target"]))}

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """`export/lipgan.safetensors`."""
        self.save(folder, "lipgan", modules["generator"], state)
