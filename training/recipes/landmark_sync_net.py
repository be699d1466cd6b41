"""A small net that embeds lip codes and sound where those of one moment lie close.

From pixels a narrow expert stays at chance for a long time: nothing tells it where to look. From
the lip codes that `training lips` writes the same task is easy: two small nets learn in a minute
or two which sound goes with which five frames. Not part of the papers.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from f2f.errors import InputError
from training.data.lip_codes import CODES
from training.losses import contrastive
from training.similarity import centred, cosines

FRAMES = 5
"""Frames whose lip shapes are embedded at once: as long as a window of sound."""
SIZE = 64
"""Length of an embedding."""
SCALE = 10.0
"""Inverse temperature of the contrast between centred embeddings."""


class LandmarkSyncNet(nn.Module):
    """Embeds lip codes and sound."""

    spread: Tensor
    """(CODES,) standard deviations of the training codes."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("spread", torch.ones(CODES))
        self.lips = nn.Sequential(
            nn.Linear(FRAMES * CODES, 256), nn.GELU(), nn.Dropout(0.2), nn.Linear(256, SIZE)
        )
        self.sound = nn.Sequential(
            nn.Conv1d(40, 128, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(128, 128, 3, stride=2, padding=1),
            nn.GELU(),
            nn.Flatten(),
            nn.Linear(128 * 8, 256),
            nn.GELU(),
            nn.Dropout(0.3),
            nn.Linear(256, SIZE),
        )

    def embed_lips(self, codes: Tensor) -> Tensor:
        """(B, FRAMES, CODES) lip codes to (B, SIZE)."""
        embedded: Tensor = self.lips((codes / self.spread).flatten(1))
        return embedded

    def embed_audio(self, mels: Tensor) -> Tensor:
        """(B, 1, 80, 16) windows of sound to (B, SIZE)."""
        pooled = functional.avg_pool2d(mels, (2, 1))[:, 0] / 2  # (B, 40, 16)
        embedded: Tensor = self.sound(pooled)
        return embedded

    def forward(self, codes: Tensor, mels: Tensor) -> tuple[Tensor, Tensor]:
        """M windows of K clips: (K, M, FRAMES, CODES), (K, M, 1, 80, 16) to (K, M, SIZE) each."""
        shape = (*codes.shape[:2], SIZE)
        lips, audio = self.embed_lips(codes.flatten(0, 1)), self.embed_audio(mels.flatten(0, 1))
        return lips.reshape(shape), audio.reshape(shape)


def centred_contrast(video: Tensor, audio: Tensor) -> Tensor:
    """Contrastive loss inside each clip between centred (K, M, E) embeddings."""
    return contrastive(cosines(centred(video), centred(audio)), SCALE)


def save(path: Path, net: LandmarkSyncNet) -> None:
    """Write a net as safetensors."""
    save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, path)


def load(path: Path) -> LandmarkSyncNet:
    """A frozen net.

    Raises:
        InputError: the file is missing or holds something else.
    """
    net = LandmarkSyncNet()
    try:
        net.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise InputError(
            f"{path} holds no landmark-sync net: run `python -m training landmark-sync`"
        ) from error
    return net.eval().requires_grad_(False)
