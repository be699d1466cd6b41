"""Recipe of the sync expert: thesis chapter 3, with optional helps for a narrow one.

The helps are a contrast between the windows of a clip and auxiliary tasks that tell it about lip
shapes; the published cross-entropy of P_sync may then come last, to calibrate.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from f2f.errors import ConfigError
from lipsync.expert import Expert, sync_loss
from training.data.dataset import Batch, WindowSource
from training.data.windows import SyncWindows
from training.loop import State, Trainer
from training.losses import contrastive
from training.recipes import landmark_sync_net
from training.recipes.auxiliary_tasks import AuxiliaryHeads
from training.recipes.base import WindowRecipe
from training.recipes.initialisation import copy_expert
from training.settings import Settings
from training.similarity import accuracy, cosines, rank
from training.tasks import ExpertTask

log = logging.getLogger(__name__)

FIRST_SCALE = 10.0
"""Inverse temperature of the contrastive loss at the start; it is learned."""
CONTRAST_WARM_UP = 600
"""Steps over which the contrast rises beside auxiliary tasks: alone it would settle at chance."""
CALIBRATION_WARM_UP = 0.1
"""Part of the steps over which the cross-entropy rises, where it is switched on late."""
AUXILIARY_DECAY = 0.7
"""Part of the auxiliary tasks' weight that is gone at the end."""
MIXING_LAYERS = 2
"""Layers after the last map with places."""


class TrainedExpert(nn.Module):
    """The expert and what is learned beside it: the temperature, the auxiliary heads."""

    def __init__(self, expert: Expert, *, auxiliary: bool = False) -> None:
        super().__init__()
        self.expert = expert
        self.scale = nn.Parameter(torch.tensor(FIRST_SCALE).log())
        self.heads = AuxiliaryHeads(expert) if auxiliary else None


@dataclass(frozen=True, slots=True)
class ClipEmbeddings:
    """What the expert makes of K clips of M windows."""

    feature_map: Tensor
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
class LossWeights:
    """What each loss counts at one step."""

    contrastive: float
    cross_entropy: float
    auxiliary: float


def weights_at(step: int, steps: int, task: ExpertTask) -> LossWeights:
    """The auxiliary tasks fade, the contrast rises beside them, the cross-entropy comes last."""
    late = 1.0
    if task.calibration < 1:
        begun = step / steps - (1 - task.calibration)
        late = min(1.0, max(0.0, begun / CALIBRATION_WARM_UP))
    rise = min(1.0, step / CONTRAST_WARM_UP) if task.auxiliary > 0 else 1.0
    return LossWeights(
        contrastive=rise * task.contrastive,
        cross_entropy=late * task.cross_entropy,
        auxiliary=(1 - AUXILIARY_DECAY * step / steps) * task.auxiliary,
    )


class ExpertRecipe(WindowRecipe):
    """Trains `lipsync.expert.Expert`."""

    averaged: tuple[str, ...] = ("expert",)
    held_out_batches = 40

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        task = self.task = settings.expert
        expert = Expert(frames=task.frames, width=task.width)
        if task.start:
            log.info("%d tensors taken from %s", copy_expert(task.start, expert), task.start)
        self.landmark_sync = None
        if task.auxiliary > 0:
            if task.landmark_sync is None:
                raise ConfigError(
                    "expert.landmark_sync: auxiliary tasks need the file that "
                    "`python -m training landmark-sync` writes"
                )
            self.landmark_sync = landmark_sync_net.load(task.landmark_sync)
        self.modules = {"expert": TrainedExpert(expert, auxiliary=task.auxiliary > 0)}

    def windows(self, source: WindowSource, *, training: bool) -> SyncWindows:
        """True pairs of one clip; those of training hold what the auxiliary tasks need."""
        auxiliary = training and self.landmark_sync is not None
        return SyncWindows(
            source,
            frames=self.task.frames,
            count=self.task.windows,
            code_frames=landmark_sync_net.FRAMES if auxiliary else 0,
        )

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """The published cross-entropy, the contrastive loss, auxiliary tasks, or some of them."""
        model = _trained(self.modules)
        weights = weights_at(state.step, self.settings.run.steps, self.task)
        with trainer.autocast():
            embeddings = self._embeddings(model.expert, batch)
        similarity = embeddings.similarity
        losses = {
            "contrastive": contrastive(similarity, model.scale.exp()),
            "bce": cross_entropy(similarity),
        }
        total = weights.contrastive * losses["contrastive"] + weights.cross_entropy * losses["bce"]
        if model.heads is not None:
            losses["auxiliary"] = self._auxiliary_loss(model.heads, embeddings, batch)
            losses["centred"] = landmark_sync_net.centred_contrast(
                embeddings.video, embeddings.audio
            )
            total = total + weights.auxiliary * losses["auxiliary"]
            total = total + weights.contrastive * losses["centred"]
        trainer.descend(total)
        matched = similarity.argmax(-1) == torch.arange(similarity.shape[1], device=total.device)
        return {
            **{name: float(loss.detach()) for name, loss in losses.items()},
            "match": float(matched.float().mean()),
        }

    def measure(self, modules: dict[str, nn.Module], batch: Batch) -> dict[str, float]:
        """Loss, and how often P_sync ranks (val_rank) or decides (val_accuracy) rightly."""
        similarity = self._embeddings(_trained(modules).expert, batch).similarity
        return {
            "val_bce": float(cross_entropy(similarity)),
            "val_rank": rank(similarity),
            "val_accuracy": accuracy(similarity),
        }

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """`export/expert.safetensors`."""
        self.save(folder, "expert", _trained(modules).expert, state)

    def _embeddings(self, expert: Expert, batch: Batch) -> ClipEmbeddings:
        clips, count = batch["mels"].shape[:2]
        mouths, mels = self.ordered(batch["mouths"].flatten(0, 1)), batch["mels"].flatten(0, 1)
        feature_map = expert.face_encoder[:-MIXING_LAYERS](mouths)
        video = expert.face_encoder[-MIXING_LAYERS:](feature_map)
        parts = (feature_map, video, expert.embed_audio(mels))
        return ClipEmbeddings(*(part.float().reshape(clips, count, -1) for part in parts))

    def _auxiliary_loss(
        self, heads: AuxiliaryHeads, embeddings: ClipEmbeddings, batch: Batch
    ) -> Tensor:
        assert self.landmark_sync is not None
        net = self.landmark_sync.to(embeddings.video.device)
        with torch.no_grad():
            targets = net(batch["codes"], batch["clean_mels"])
        loss: Tensor = heads(
            embeddings.feature_map, embeddings.video, embeddings.audio, batch["points"], targets
        )
        return loss


def cross_entropy(similarity: Tensor) -> Tensor:
    """Of P_sync (K, M, M); one false pair for every true one, as in the published code."""
    true = similarity.diagonal(dim1=1, dim2=2)  # (K, M)
    false = similarity.roll(1, dims=2).diagonal(dim1=1, dim2=2)
    probability = torch.cat((true, false)).flatten().clamp(0, 1)
    labels = torch.cat((torch.ones_like(true), torch.zeros_like(false))).flatten()
    with torch.autocast(probability.device.type, enabled=False):
        return sync_loss(probability, labels)


def _trained(modules: dict[str, nn.Module]) -> TrainedExpert:
    model = modules["expert"]
    assert isinstance(model, TrainedExpert)
    return model
