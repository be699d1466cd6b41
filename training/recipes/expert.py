"""Recipe of the sync expert: thesis chapter 3, with optional helps for a narrow one.

The helps are a contrast between the windows of a clip and a lesson from a teacher that knows lip
shapes; the published cross-entropy of P_sync may then come last, to calibrate.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn

from f2f.errors import ConfigError
from lipsync import checkpoint
from lipsync.expert import Expert, sync_loss
from training.data.dataset import Batch, SyncWindows, load_split
from training.data.packed import tracks
from training.loop import State, Trainer
from training.losses import contrastive, cosines
from training.parallel import World
from training.recipes import landmark_sync
from training.recipes.auxiliary_tasks import Lesson
from training.recipes.export import describe
from training.settings import ExpertTask, Settings

log = logging.getLogger(__name__)

EVALUATED = 40
"""Batches of held-out clips in an evaluation."""
FIRST_SCALE = 10.0
"""Inverse temperature of the contrastive loss at the start; it is learned."""
RISE = 600
"""Steps over which the contrast rises beside a lesson: alone it would settle at chance."""
CALM = 0.1
"""Part of the steps over which the cross-entropy rises, where it is switched on late."""
FORGOTTEN = 0.7
"""Part of the lesson's weight that is gone at the end."""


class Hearing(nn.Module):
    """The expert and what is learned beside it: the temperature, the lesson's heads."""

    def __init__(self, expert: Expert, *, taught: bool = False) -> None:
        super().__init__()
        self.expert = expert
        self.scale = nn.Parameter(torch.tensor(FIRST_SCALE).log())
        self.lesson = Lesson(expert) if taught else None


@dataclass(frozen=True, slots=True)
class Heard:
    """What the expert makes of K clips of M windows."""

    seen: Tensor
    """(K, M, C·9) the deepest map of its picture encoder that still has places."""
    video: Tensor
    """(K, M, C)."""
    audio: Tensor
    """(K, M, C)."""

    @property
    def similarity(self) -> Tensor:
        """(K, M, M) P_sync of every picture with every sound of its clip."""
        return cosines(self.video, self.audio)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each loss counts at one step."""

    contrastive: float
    classify: float
    taught: float


def weights_at(step: int, steps: int, task: ExpertTask) -> Weights:
    """The lesson fades, the contrast rises beside it, the cross-entropy comes in the last part."""
    late = 1.0
    if task.calibrate < 1:
        late = min(1.0, max(0.0, (step / steps - (1 - task.calibrate)) / CALM))
    rise = min(1.0, step / RISE) if task.taught > 0 else 1.0
    return Weights(
        contrastive=rise * task.contrastive,
        classify=late * task.classify,
        taught=(1 - FORGOTTEN * step / steps) * task.taught,
    )


class ExpertRecipe:
    """Trains `lipsync.expert.Expert`; see `training.loop.Recipe`."""

    averaged: tuple[str, ...] = ("hearing",)

    def __init__(self, settings: Settings) -> None:
        self.settings, self.task = settings, settings.expert
        torch.manual_seed(settings.run.seed)
        expert = Expert(frames=self.task.frames, width=self.task.width)
        if self.task.start:
            log.info("%d tensors taken from %s", take(expert, self.task.start), self.task.start)
        taught = self.task.taught > 0
        if taught and self.task.teacher is None:
            raise ConfigError("expert.teacher: a lesson needs `python -m training teacher`'s file")
        self.teacher = (
            landmark_sync.load(self.task.teacher) if taught and self.task.teacher else None
        )
        self.modules: dict[str, nn.Module] = {"hearing": Hearing(expert, taught=taught)}

    def batches(self, first: int, world: World) -> Iterator[Batch]:
        """Micro-batches of `SyncWindows`."""
        return self._load("train", first, world)

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """The published cross-entropy, the contrastive loss, the lesson, or some of them."""
        hearing = self.modules["hearing"]
        assert isinstance(hearing, Hearing)
        weights = weights_at(state.step, self.settings.run.steps, self.task)
        with trainer.autocast():
            heard = self._heard(hearing.expert, batch)
        similarity = heard.similarity
        losses = self._losses(similarity, hearing.scale.exp())
        total = weights.contrastive * losses["contrastive"] + weights.classify * losses["bce"]
        if hearing.lesson is not None:
            losses["lesson"] = self._taught(hearing.lesson, heard, batch)
            losses["centred"] = landmark_sync.match(heard.video, heard.audio)
            total = total + weights.taught * losses["lesson"]
            total = total + weights.contrastive * losses["centred"]
        trainer.descend(total)
        right = similarity.argmax(-1) == torch.arange(similarity.shape[1], device=total.device)
        return {
            **{name: float(loss.detach()) for name, loss in losses.items()},
            "match": float(right.float().mean()),
        }

    def evaluate(self, modules: dict[str, nn.Module], state: State) -> dict[str, float]:
        """Losses, and how often P_sync ranks (val_rank) or judges (val_accuracy) rightly."""
        hearing = modules["hearing"]
        assert isinstance(hearing, Hearing)
        device = hearing.scale.device
        sums = {"val_bce": 0.0, "val_rank": 0.0, "val_accuracy": 0.0}
        batches = self._load("val", 0, World())
        for batch in islice(batches, EVALUATED):
            placed = {name: tensor.to(device) for name, tensor in batch.items()}
            similarity = self._heard(hearing.expert, placed).similarity
            true = similarity.diagonal(dim1=1, dim2=2)[:, :, None]  # (K, M, 1)
            others = ~torch.eye(similarity.shape[1], dtype=torch.bool, device=device)
            false = similarity[:, others].reshape(*true.shape[:2], -1)
            sums["val_bce"] += float(self._losses(similarity, hearing.scale.exp())["bce"])
            sums["val_rank"] += float((true > false).float().mean())
            hits = (true > 0.5).float().mean() + (false <= 0.5).float().mean()
            sums["val_accuracy"] += float(hits) / 2
        return {name: value / EVALUATED for name, value in sums.items()}

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """`export/expert.safetensors`, in fp16."""
        hearing = modules["hearing"]
        assert isinstance(hearing, Hearing)
        path = folder / "export" / "expert.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        checkpoint.save(path, hearing.expert, describe(self.settings, state.step), half=True)

    def _load(self, split: str, first: int, world: World) -> Iterator[Batch]:
        settings, training = self.settings, split == "train"
        windows = SyncWindows(
            tracks(settings.data.packed, split),
            settings.data,
            settings.augment if training else None,
            settings.run.seed,
            frames=self.task.frames,
            count=self.task.windows,
            told=landmark_sync.FRAMES if self.teacher is not None and training else 0,
        )
        return load_split(windows, settings, first=first, world=world, training=training)

    def _heard(self, expert: Expert, batch: Batch) -> Heard:
        clips, count = batch["mels"].shape[:2]
        mouths, mels = batch["mouths"].flatten(0, 1), batch["mels"].flatten(0, 1)
        if self.settings.run.channels_last:
            mouths = mouths.contiguous(memory_format=torch.channels_last)
        seen = expert.face_encoder[:-MIXING](mouths)
        made = (seen, expert.face_encoder[-MIXING:](seen), expert.embed_audio(mels))
        return Heard(*(part.float().reshape(clips, count, -1) for part in made))

    def _taught(self, lesson: Lesson, heard: Heard, batch: Batch) -> Tensor:
        assert self.teacher is not None
        teacher = self.teacher.to(heard.video.device)
        with torch.no_grad():
            told = teacher.embed(batch["codes"], batch["heard"])
        loss: Tensor = lesson(heard.seen, heard.video, heard.audio, batch["points"], told)
        return loss

    def _losses(self, similarity: Tensor, scale: Tensor) -> dict[str, Tensor]:
        """One false pair for every true one in the cross-entropy, as in the published code."""
        true = similarity.diagonal(dim1=1, dim2=2)  # (K, M)
        false = similarity.roll(1, dims=2).diagonal(dim1=1, dim2=2)
        judged = torch.cat((true, false)).flatten().clamp(0, 1)
        labels = torch.cat((torch.ones_like(true), torch.zeros_like(false))).flatten()
        with torch.autocast(judged.device.type, enabled=False):
            return {
                "contrastive": contrastive(similarity, scale),
                "bce": sync_loss(judged, labels),
            }


MIXING = 2
"""Layers after the last map with places."""
FIRST = "face_encoder.0.conv_block.0.weight"
"""The one tensor of an expert that depends on Tv: (C, 3·Tv, 7, 7)."""


def take(expert: Expert, path: Path) -> int:
    """Copy what fits of another expert's weights; number of tensors taken.

    If its Tv differs, its first convolution is summed over its frames and shared among ours.
    """
    loaded = checkpoint.load_expert(path).model
    theirs, ours = loaded.state_dict(), expert.state_dict()
    frames = expert.dims.frames
    if loaded.dims.frames != frames and loaded.dims.width == expert.dims.width:
        first = theirs[FIRST].unflatten(1, (loaded.dims.frames, 3)).sum(1)  # (C, 3, 7, 7)
        theirs[FIRST] = first.repeat(1, frames, 1, 1) / frames
    fitting = {
        name: tensor
        for name, tensor in theirs.items()
        if name in ours and ours[name].shape == tensor.shape
    }
    expert.load_state_dict({**ours, **fitting})
    return len(fitting)
