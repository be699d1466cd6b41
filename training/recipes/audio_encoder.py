"""Recipe of the generator's audio encoder alone: which lip codes does a sound go with?

The guided warm-up lets decoder and audio encoder meet in one embedding
(`training.data.lip_codes`), so the second can be trained by itself, on twenty times the sound in
the same time. A regression is timid: what sound does not tell, it answers with a mouth half open,
and moves a third as much as people do. So codes must move as much as asked for as well, and their
movements must fit their sound better than the sounds of other moments of the clip, by the
embeddings of the landmark-sync net. Not part of the papers.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from f2f.errors import ConfigError
from lipsync import checkpoint
from lipsync.generator import Generator
from training.data import lip_codes
from training.data.dataset import Batch, WindowSource
from training.data.windows import CodeWindows
from training.loop import State, Trainer
from training.recipes import landmark_sync_net
from training.recipes.base import WindowRecipe
from training.recipes.landmark_sync_net import FRAMES, centred_contrast
from training.settings import Settings
from training.similarity import centred, cosines, rank

STILLNESS_WEIGHT = 10.0
"""Weight of what a clip's codes move too little."""


class AudioEncoderRecipe(WindowRecipe):
    """Trains the audio encoder of a guided generator."""

    averaged: tuple[str, ...] = ("encoder",)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        task = self.task = settings.audio_encoder
        if task.start is None or task.landmark_sync is None:
            raise ConfigError(
                "audio_encoder: `start` names a guided generator, `landmark_sync` a net's file"
            )
        loaded = checkpoint.load(task.start, Generator)
        self.generator, self.mel_offset = loaded.model, loaded.info.mel_offset
        self.landmark_sync = landmark_sync_net.load(task.landmark_sync)
        self.modules = {"encoder": self.generator.audio_encoder}

    def windows(self, source: WindowSource, *, training: bool) -> CodeWindows:
        """Windows of codes and sound."""
        return CodeWindows(
            source, frames=FRAMES, count=self.task.windows, mel_offset=self.mel_offset
        )

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """Distance from the true codes, what they move too little, and the contrast."""
        with trainer.autocast():
            embedding = self._embedding(batch)
        true = batch["codes"]
        target = lip_codes.embedding_of(true.flatten(0, 2), embedding.shape[-1])
        distance = (embedding.flatten(0, 2) - target).square().sum(-1).mean()
        predicted = embedding[..., : lip_codes.CODES] - lip_codes.LEVEL
        contrast = centred_contrast(*self._sync_embeddings(predicted, batch))
        missing = (self.task.movement * movement(true) - movement(predicted)).clamp_min(0)
        stillness = missing.square().sum(-1).mean()  # of (K, C)
        trainer.descend(distance + STILLNESS_WEIGHT * stillness + self.task.contrastive * contrast)
        found = {"distance": distance, "stillness": stillness, "contrast": contrast}
        return {name: float(loss.detach()) for name, loss in found.items()}

    def measure(self, modules: dict[str, nn.Module], batch: Batch) -> dict[str, float]:
        """On held-out speakers: distance, size of the movements, and how well they fit the sound.

        `val_move` is the movement's size beside the true one's; `val_rank` is the rank of the true
        sound by the landmark-sync net, `val_real` the same for the true lips.
        """
        true = batch["codes"]
        predicted = self._embedding(batch)[..., : lip_codes.CODES] - lip_codes.LEVEL
        return {
            "val_distance": float((predicted - true).square().sum(-1).mean()),
            "val_move": float(movement(predicted).norm() / movement(true).norm()),
            "val_rank": self._rank(predicted, batch),
            "val_real": self._rank(true, batch),
        }

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """`export/wav2lip.safetensors`: the generator that was started from, this encoder in it."""
        self.save(folder, "wav2lip", self.generator, state)

    def _embedding(self, batch: Batch) -> Tensor:
        """(K, M, FRAMES, E)."""
        mels = batch["mels"]  # (K, M, FRAMES, 1, 80, 16)
        encoded = self.modules["encoder"](mels.flatten(0, 2)).flatten(1).float()
        embedding: Tensor = encoded.reshape(*mels.shape[:3], -1)
        return embedding

    def _sync_embeddings(self, codes: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Landmark-sync embeddings of codes and of their sound, (K, M, SIZE) each."""
        lips, audio = self.landmark_sync.to(codes.device)(codes, batch["clean_mels"])
        return lips, audio

    def _rank(self, codes: Tensor, batch: Batch) -> float:
        return rank(cosines(*map(centred, self._sync_embeddings(codes, batch))))


def movement(codes: Tensor) -> Tensor:
    """Standard deviation of each code (K, M, F, C) inside its clip, (K, C)."""
    return codes.flatten(1, 2).std(1)
