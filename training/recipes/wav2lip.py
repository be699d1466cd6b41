"""Recipe of the generator: Wav2Lip and Wav2Lip + GAN, thesis chapter 3."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn

from f2f.errors import ConfigError
from lipsync import checkpoint
from lipsync.expert import Expert, mouth_windows, sync_loss
from lipsync.generator import Generator
from lipsync.quality import QualityDiscriminator
from training import losses
from training.data import lip_codes
from training.data.dataset import Batch, FaceWindows, load_split
from training.data.packed import tracks
from training.loop import State, Trainer
from training.parallel import World
from training.recipes import initialisation
from training.recipes.export import describe
from training.settings import Settings

log = logging.getLogger(__name__)

EVALUATED = 24
"""Batches of held-out windows in an evaluation."""
SYNC_WEIGHT = "sync_weight"
"""The state's name of s_w as it is in force: 0 until it is switched on."""


class Wav2LipRecipe:
    """Trains `lipsync.generator.Generator`; see `training.loop.Recipe`."""

    averaged: tuple[str, ...] = ("generator",)

    def __init__(self, settings: Settings) -> None:
        self.settings, self.task = settings, settings.wav2lip
        task = self.task
        torch.manual_seed(settings.run.seed)
        generator = Generator(width=task.width, size=task.size)
        self.judge = self._judge()
        if task.guided > 0 and not task.start:
            initialisation.speak_codes(generator)
        if task.copying and not task.start:
            initialisation.pass_reference(generator)
        if task.hear_as_expert and self.judge:
            log.info(
                "%d tensors of the expert's hearing taken",
                initialisation.lend(self.judge, generator),
            )
        if task.start:
            generator.load_state_dict(checkpoint.load(task.start, Generator).model.state_dict())
        self.modules: dict[str, nn.Module] = {"generator": generator}
        if task.adversarial_weight > 0:
            self.modules["quality"] = QualityDiscriminator(width=task.quality_width, size=task.size)
        if task.tune_expert:
            if self.judge is None:
                raise ConfigError("wav2lip.tune_expert: there is no expert; name one by expert")
            self.modules["expert"] = self.judge

    def _judge(self) -> Expert | None:
        task = self.task
        if task.expert is None:
            if task.sync_weight > 0:
                raise ConfigError("wav2lip.expert: the sync loss needs an expert's checkpoint")
            return None
        judge = checkpoint.load_expert(task.expert).model.requires_grad_(False)
        if task.sync_weight > 0 and judge.dims.frames != task.frames:
            raise ConfigError(
                f"wav2lip.frames is {task.frames}, but the expert judges {judge.dims.frames}"
            )
        return judge

    def batches(self, first: int, world: World) -> Iterator[Batch]:
        """Micro-batches of `FaceWindows`."""
        return self._load("train", first, world)

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """Eq. 3.9 for the generator, eq. 3.8 for the discriminator."""
        task = self.task
        quality = self.modules.get("quality")
        weight = state.values.get(SYNC_WEIGHT, 0.0)
        if task.copying:
            initialisation.hold_outer_norms(self.modules["generator"])
        with trainer.autocast():
            made, taught, guide_loss = self._made(batch)
            sync_term, gen_loss = made.new_zeros(()), made.new_zeros(())
            if weight > 0 and not bool(taught.all()):
                sync_term = self._sync(made[~taught], batch["sync_mel"][~taught])
            if quality is not None:
                quality.requires_grad_(False)
                gen_loss = losses.adversarial(quality(made).float())
                quality.requires_grad_(True)
        recon = self._reconstruction(made, batch, taught)
        trainer.descend(
            task.guide * guide_loss
            + losses.total(
                recon,
                sync_term,
                gen_loss,
                sync_weight=weight,
                gen_weight=task.adversarial_weight,
            )
        )
        found = {"recon": float(recon.detach()), "sync": float(sync_term.detach())}
        if task.guided > 0:
            found["guide"] = float(guide_loss.detach())
        if quality is not None:
            with trainer.autocast():
                real, fake = quality(batch["target"]), quality(made.detach())
            disc = losses.discrimination(real.float(), fake.float())
            trainer.descend(disc)
            found |= {"gen": float(gen_loss.detach()), "disc": float(disc.detach())}
        if task.tune_expert:
            found["tune"] = self._tune(batch, made.detach(), trainer)
        return found

    def _tune(self, batch: Batch, made: Tensor, trainer: Trainer) -> float:
        """The expert's own cross-entropy: real windows are in sync, generated ones are not."""
        assert self.judge is not None
        self.judge.requires_grad_(True)
        with trainer.autocast():
            judged = [self._judged(faces, batch["sync_mel"]) for faces in (batch["target"], made)]
        labels = torch.tensor((1.0, 0.0), device=made.device).repeat_interleave(len(made))
        loss = sync_loss(torch.cat(judged), labels)
        trainer.descend(loss)
        self.judge.requires_grad_(False)
        return float(loss.detach())

    def evaluate(self, modules: dict[str, nn.Module], state: State) -> dict[str, float]:
        """L1 and sync loss on held-out speakers; switches s_w on by the published rule."""
        generator = modules["generator"]
        device = next(generator.parameters()).device
        judged = self.judge is not None and self.judge.dims.frames == self.task.frames
        recon = lower = sync_term = 0.0
        for batch in islice(self._load("val", 0, World()), EVALUATED):
            placed = {name: tensor.to(device) for name, tensor in batch.items()}
            made = generator(placed["mels"], self._ordered(placed["faces"])).float()
            half = made.shape[-2] // 2
            recon += float(losses.reconstruction(made, placed["target"]))
            lower += float((made - placed["target"])[..., half:, :].abs().mean())
            if judged:
                sync_term += float(self._sync(made, placed["sync_mel"]))
        found = {"val_recon": recon / EVALUATED, "val_lower": lower / EVALUATED}
        if judged:
            found["val_sync"] = sync_term / EVALUATED
            switch_on(state, self.settings, found["val_sync"])
        return found

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """`export/wav2lip.safetensors` (or `wav2lip_gan`), and a tuned expert; in fp16."""
        name = "wav2lip_gan" if "quality" in modules else "wav2lip"
        path = folder / "export" / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        generator = modules["generator"]
        info = describe(self.settings, state.step, mel_offset=self.task.mel_offset)
        checkpoint.save(path, generator, info, half=True)
        if "expert" in modules:
            tuned = path.with_name("expert_tuned.safetensors")
            checkpoint.save(tuned, modules["expert"], info, half=True)

    def _made(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Faces (B, T, 3, S, S), which windows were taught (B,), distance from the lip codes."""
        generator = self.modules["generator"]
        assert isinstance(generator, Generator)
        faces, mels = self._ordered(batch["faces"]), batch["mels"]
        taught = torch.rand(len(mels), device=mels.device) < self.task.guided
        if self.task.guided == 0:
            made: Tensor = generator(mels, faces).float()
            return made, taught, made.new_zeros(())
        heard = generator.audio_encoder(mels.flatten(0, 1)).flatten(1).float()
        true = lip_codes.embedding_of(batch["lips"].flatten(0, 1), heard.shape[1])
        each = taught.repeat_interleave(mels.shape[1])[:, None]
        made = lip_codes.decode(generator, torch.where(each, true, heard), faces.flatten(0, 1))
        made = made.float().reshape(batch["target"].shape)
        return made, taught, (heard - true).square().mean()

    def _reconstruction(self, made: Tensor, batch: Batch, taught: Tensor) -> Tensor:
        """Eq. 3.5 with the task's additions; taught windows and others weighed as it says."""
        task = self.task
        if task.guided == 0:
            return self._difference(made, batch["target"], None)
        total = made.new_zeros(())
        for chosen, weight in ((taught, 1.0), (~taught, task.unguided)):
            if weight > 0 and bool(chosen.any()):
                part = self._difference(
                    made[chosen], batch["target"][chosen], batch["mouth"][chosen]
                )
                total = total + weight * chosen.float().mean() * part
        return total

    def _difference(self, made: Tensor, real: Tensor, mouth: Tensor | None) -> Tensor:
        task = self.task
        loss = losses.reconstruction(made, real, lower_half=task.lower_half)
        if task.edges > 0:
            loss = loss + task.edges * losses.edges(made, real, mouth)
        if task.mouth > 0 and mouth is not None:
            loss = loss + task.mouth * losses.inside(made, real, mouth)
        return loss

    def _sync(self, made: Tensor, sound: Tensor) -> Tensor:
        """Eq. 3.6 over generated windows (B, T, 3, S, S) and their sound (B, 1, 80, 16)."""
        return losses.sync(self._judged(made, sound))

    def _judged(self, made: Tensor, sound: Tensor) -> Tensor:
        """P_sync of each window, (B,)."""
        assert self.judge is not None
        self.judge.to(made.device)
        mouths = mouth_windows(made)
        if self.settings.run.channels_last:
            mouths = mouths.contiguous(memory_format=torch.channels_last)
        probability: Tensor = self.judge(sound, mouths).float()
        return probability

    def _ordered(self, faces: Tensor) -> Tensor:
        """(B, T, 6, S, S); channels-last inside each frame when the settings say so."""
        if not self.settings.run.channels_last:
            return faces
        flat = faces.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        return flat.reshape(faces.shape)

    def _load(self, split: str, first: int, world: World) -> Iterator[Batch]:
        settings, training = self.settings, split == "train"
        windows = FaceWindows(
            tracks(settings.data.packed, split),
            settings.data,
            settings.augment if training else None,
            settings.run.seed,
            frames=self.task.frames,
            size=self.task.size,
            mel_offset=self.task.mel_offset,
            guided=self.task.guided > 0,
        )
        return load_split(windows, settings, first=first, world=world, training=training)


def switch_on(state: State, settings: Settings, sync_loss: float) -> None:
    """The published rule: s_w is 0 until an evaluation's sync loss is under 0.75, then stays."""
    task = settings.wav2lip
    if state.values.get(SYNC_WEIGHT, 0.0) == 0.0 and sync_loss < task.sync_below:
        log.info("sync loss %.3f < %g: s_w is %g now", sync_loss, task.sync_below, task.sync_weight)
        state.values[SYNC_WEIGHT] = task.sync_weight
