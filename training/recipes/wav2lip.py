"""Recipe of the generator: Wav2Lip and Wav2Lip + GAN, thesis chapter 3."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from f2f.errors import ConfigError
from lipsync import checkpoint
from lipsync import expert as sync_expert
from lipsync.expert import Expert, mouth_windows
from lipsync.generator import Generator
from lipsync.quality import QualityDiscriminator
from training import losses
from training.data import lip_codes
from training.data.dataset import Batch, WindowSource
from training.data.windows import FaceWindows
from training.loop import State, Trainer
from training.recipes import initialisation
from training.recipes.base import WindowRecipe
from training.settings import Settings
from training.tasks import Wav2LipTask

log = logging.getLogger(__name__)

SYNC_WEIGHT = "sync_weight"
"""The state's name of s_w as it is in force: 0 until it is switched on."""


@dataclass(frozen=True, slots=True, eq=False)
class Generated:
    """What the generator makes of B windows in training."""

    faces: Tensor
    """(B, T, 3, S, S)."""
    guided: Tensor
    """(B,) bool: made from true lip codes."""
    code_loss: Tensor
    """Squared distance of the audio encoder from the lip codes."""


class Wav2LipRecipe(WindowRecipe):
    """Trains `lipsync.generator.Generator`."""

    averaged: tuple[str, ...] = ("generator",)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        task = self.task = settings.wav2lip
        self.mel_offset = task.mel_offset
        generator = Generator(width=task.width, size=task.size)
        self.expert = _expert(task)
        _initialise(generator, self.expert, task)
        self.modules = {"generator": generator}
        if task.adversarial_weight > 0:
            self.modules["quality"] = QualityDiscriminator(width=task.quality_width, size=task.size)
        if task.tune_expert:
            if self.expert is None:
                raise ConfigError("wav2lip.tune_expert: there is no expert; name one by expert")
            self.modules["expert"] = self.expert

    def windows(self, source: WindowSource, *, training: bool) -> FaceWindows:
        """Contiguous frames, their sound, and a reference."""
        return FaceWindows(
            source,
            frames=self.task.frames,
            size=self.task.size,
            mel_offset=self.task.mel_offset,
            guided=self.task.guided > 0,
        )

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """Eq. 3.9 for the generator, eq. 3.8 for the discriminator."""
        task = self.task
        quality = self.modules.get("quality")
        weight = state.values.get(SYNC_WEIGHT, 0.0)
        if task.copy_reference:
            initialisation.freeze_outer_norms(self.modules["generator"])
        with trainer.autocast():
            generated = self._generated(batch)
            faces, unguided = generated.faces, ~generated.guided
            sync, adversarial = faces.new_zeros(()), faces.new_zeros(())
            if weight > 0 and bool(unguided.any()):
                sync = self.sync_loss(faces[unguided], batch["sync_mel"][unguided])
            if quality is not None:
                quality.requires_grad_(False)
                adversarial = losses.adversarial(quality(faces).float())
                quality.requires_grad_(True)
        reconstruction = self._reconstruction(faces, batch, generated.guided)
        total = losses.total(
            reconstruction,
            sync,
            adversarial,
            sync_weight=weight,
            gen_weight=task.adversarial_weight,
        )
        trainer.descend(task.code_weight * generated.code_loss + total)
        found = {"recon": float(reconstruction.detach()), "sync": float(sync.detach())}
        if task.guided > 0:
            found["codes"] = float(generated.code_loss.detach())
        if quality is not None:
            with trainer.autocast():
                real, fake = quality(batch["target"]), quality(faces.detach())
            discrimination = losses.discrimination(real.float(), fake.float())
            trainer.descend(discrimination)
            found |= {
                "gen": float(adversarial.detach()),
                "disc": float(discrimination.detach()),
            }
        if task.tune_expert:
            found["tune"] = self._tune_expert(batch, faces.detach(), trainer)
        return found

    def evaluate(self, modules: dict[str, nn.Module], state: State) -> dict[str, float]:
        """L1 and sync loss on held-out speakers; switches s_w on by the published rule."""
        found = super().evaluate(modules, state)
        if "val_sync" in found:
            switch_on(state, self.task, found["val_sync"])
        return found

    def measure(self, modules: dict[str, nn.Module], batch: Batch) -> dict[str, float]:
        """L1 of whole faces and lower halves; the sync loss where the expert's Tv fits."""
        faces = modules["generator"](batch["mels"], self._ordered_windows(batch["faces"])).float()
        half = faces.shape[-2] // 2
        found = {
            "val_recon": float(losses.reconstruction(faces, batch["target"])),
            "val_lower": float((faces - batch["target"])[..., half:, :].abs().mean()),
        }
        if self.expert is not None and self.expert.dims.frames == self.task.frames:
            found["val_sync"] = float(self.sync_loss(faces, batch["sync_mel"]))
        return found

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """`export/wav2lip.safetensors` (or `wav2lip_gan`), and a tuned expert."""
        name = "wav2lip_gan" if "quality" in modules else "wav2lip"
        self.save(folder, name, modules["generator"], state)
        if "expert" in modules:
            self.save(folder, "expert_tuned", modules["expert"], state)

    def sync_loss(self, faces: Tensor, mels: Tensor) -> Tensor:
        """Eq. 3.6 over generated windows (B, T, 3, S, S) and their sound (B, 1, 80, 16)."""
        return losses.sync(self._sync_probability(faces, mels))

    def _sync_probability(self, faces: Tensor, mels: Tensor) -> Tensor:
        """P_sync of each window, (B,)."""
        assert self.expert is not None
        self.expert.to(faces.device)
        probability: Tensor = self.expert(mels, self.ordered(mouth_windows(faces))).float()
        return probability

    def _tune_expert(self, batch: Batch, generated: Tensor, trainer: Trainer) -> float:
        """The expert's own cross-entropy: real windows are in sync, generated ones are not."""
        assert self.expert is not None
        self.expert.requires_grad_(True)
        with trainer.autocast():
            probabilities = [
                self._sync_probability(faces, batch["sync_mel"])
                for faces in (batch["target"], generated)
            ]
        labels = torch.tensor((1.0, 0.0), device=generated.device).repeat_interleave(len(generated))
        loss = sync_expert.sync_loss(torch.cat(probabilities), labels)
        trainer.descend(loss)
        self.expert.requires_grad_(False)
        return float(loss.detach())

    def _generated(self, batch: Batch) -> Generated:
        generator = self.modules["generator"]
        assert isinstance(generator, Generator)
        faces, mels = self._ordered_windows(batch["faces"]), batch["mels"]
        guided = torch.rand(len(mels), device=mels.device) < self.task.guided
        if self.task.guided == 0:
            generated: Tensor = generator(mels, faces).float()
            return Generated(generated, guided, generated.new_zeros(()))
        encoded = generator.audio_encoder(mels.flatten(0, 1)).flatten(1).float()
        true = lip_codes.embedding_of(batch["lips"].flatten(0, 1), encoded.shape[1])
        by_frame = guided.repeat_interleave(mels.shape[1])[:, None]
        embedding = torch.where(by_frame, true, encoded)
        generated = lip_codes.decode(generator, embedding, faces.flatten(0, 1)).float()
        code_loss = (encoded - true).square().mean()
        return Generated(generated.reshape(batch["target"].shape), guided, code_loss)

    def _reconstruction(self, faces: Tensor, batch: Batch, guided: Tensor) -> Tensor:
        """Eq. 3.5 with the task's additions; guided windows and others weighed as it says."""
        task = self.task
        if task.guided == 0:
            return self._difference(faces, batch["target"], None)
        total = faces.new_zeros(())
        for chosen, weight in ((guided, 1.0), (~guided, task.unguided)):
            if weight > 0 and bool(chosen.any()):
                part = self._difference(
                    faces[chosen], batch["target"][chosen], batch["mouth"][chosen]
                )
                total = total + weight * chosen.float().mean() * part
        return total

    def _difference(self, generated: Tensor, real: Tensor, mouth: Tensor | None) -> Tensor:
        task = self.task
        loss = losses.reconstruction(generated, real, lower_half=task.lower_half)
        if task.edges > 0:
            loss = loss + task.edges * losses.edges(generated, real, mouth)
        if task.mouth > 0 and mouth is not None:
            loss = loss + task.mouth * losses.inside(generated, real, mouth)
        return loss

    def _ordered_windows(self, faces: Tensor) -> Tensor:
        """(B, T, 6, S, S); channels-last inside each frame when the settings say so."""
        return self.ordered(faces.flatten(0, 1)).reshape(faces.shape)


def switch_on(state: State, task: Wav2LipTask, sync_loss: float) -> None:
    """The published rule: s_w is 0 until an evaluation's sync loss is under 0.75, then stays."""
    if state.values.get(SYNC_WEIGHT, 0.0) == 0.0 and sync_loss < task.sync_threshold:
        weight, bound = task.sync_weight, task.sync_threshold
        log.info("sync loss %.3f < %g: s_w is %g now", sync_loss, bound, weight)
        state.values[SYNC_WEIGHT] = task.sync_weight


def _expert(task: Wav2LipTask) -> Expert | None:
    """The frozen expert that a task names.

    Raises:
        ConfigError: the sync loss needs one and there is none, or one of another Tv.
    """
    if task.expert is None:
        if task.sync_weight > 0:
            raise ConfigError("wav2lip.expert: the sync loss needs an expert's checkpoint")
        return None
    expert = checkpoint.load_expert(task.expert).model.requires_grad_(False)
    if task.sync_weight > 0 and expert.dims.frames != task.frames:
        raise ConfigError(
            f"wav2lip.frames is {task.frames}, but the expert takes {expert.dims.frames}"
        )
    return expert


def _initialise(generator: Generator, expert: Expert | None, task: Wav2LipTask) -> None:
    if task.guided > 0 and not task.start:
        initialisation.initialise_code_level(generator)
    if task.copy_reference and not task.start:
        initialisation.initialise_reference_copy(generator)
    if task.expert_audio_encoder and expert:
        taken = initialisation.copy_audio_encoder(expert, generator)
        log.info("%d tensors of the expert's audio encoder taken", taken)
    if task.start:
        generator.load_state_dict(checkpoint.load(task.start, Generator).model.state_dict())
