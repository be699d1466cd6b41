"""Two scorers of sync: our expert, and the published SyncNet where a user has imported it.

Both embed a window of pictures and the sound beside it; `lipsync.scores` does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lipsync import syncnet
from lipsync.audio import mel_windows, windows
from lipsync.expert import Expert, mouth_windows
from lipsync.features import MFCC_20, features
from lipsync.scores import SyncScore, sync_scores
from lipsync.syncnet import SyncNet
from training.data.excerpts import faces_of
from training.data.packed import FPS, Track
from training.similarity import accuracy, cosines, rank

BATCH = 64
"""Windows embedded at once."""
APART = 5
"""Frames between a true window and a false one, at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Faces and the sound that is to fit them."""

    faces: Tensor
    """(N, 3, 96, 96) BGR in [0, 1]."""
    mel: Tensor
    """(80, steps) of the sound."""
    samples: Tensor
    """(S,) the sound itself, 16 kHz."""
    offset: int = 0
    """Frames by which the sound runs ahead of the picture."""


def scene_of(track: Track, faces: Tensor | None = None) -> Scene:
    """A track's sound with its own faces, or with others."""
    return Scene(
        faces=faces_of(track) if faces is None else faces,
        mel=torch.from_numpy(track.mel),
        samples=torch.from_numpy(track.samples()),
        offset=track.offset,
    )


class SyncScorer(Protocol):
    """Embeds a scene."""

    name: str
    frames: int
    """Frames of a window, Tv."""
    pad: bool
    """Whether shifts reach beyond the sound's ends; see `lipsync.scores.shift_distances`."""

    def embed(self, scene: Scene) -> tuple[Tensor, Tensor]:
        """Pictures and sound, (N − frames + 1, E) each; row i is the window from frame i."""
        ...


class ExpertScorer:
    """The sync expert; its embeddings are brought to unit length, so distances end at √2.

    Shifts compare real pairs alone: the published padding by zeros lies nearer to an embedding of
    unit length than a false sound does, so that in short clips the farthest shift would win.
    """

    pad = False

    def __init__(self, expert: Expert, name: str | None = None) -> None:
        self.expert = expert.eval()
        self.frames = expert.dims.frames
        self.name = name or f"expert-{self.frames}"

    @torch.no_grad()
    def embed(self, scene: Scene) -> tuple[Tensor, Tensor]:
        """See `SyncScorer.embed`."""
        video, audio = self.raw_embeddings(scene)
        return functional.normalize(video), functional.normalize(audio)

    @torch.no_grad()
    def raw_embeddings(self, scene: Scene) -> tuple[Tensor, Tensor]:
        """The embeddings that P_sync is made of."""
        starts = range(len(scene.faces) - self.frames + 1)
        mels = mel_windows(scene.mel, [at - scene.offset for at in starts], FPS)
        video = [
            self.expert.embed_faces(mouth_windows(windows_of(scene.faces, part, self.frames)))
            for part in _batches(starts)
        ]
        audio = [self.expert.embed_audio(part) for part in torch.split(mels, BATCH)]
        return torch.cat(video), torch.cat(audio)


class SyncNetScorer:
    """The published SyncNet: figures that can be held against the papers' tables."""

    name = "syncnet"
    frames = syncnet.FRAMES
    pad = True

    def __init__(self, net: SyncNet) -> None:
        self.net = net.eval()

    @torch.no_grad()
    def embed(self, scene: Scene) -> tuple[Tensor, Tensor]:
        """See `SyncScorer.embed`."""
        starts = range(len(scene.faces) - self.frames + 1)
        mels = windows(
            features(scene.samples, MFCC_20),
            [at - scene.offset for at in starts],
            FPS,
            form=MFCC_20,
        )
        side = (syncnet.FACE_SIZE, syncnet.FACE_SIZE)
        video = []
        for part in _batches(starts, BATCH // 8):
            faces = windows_of(scene.faces, part, self.frames)  # (B, 5, 3, 96, 96)
            large = functional.interpolate(faces.flatten(0, 1), side, mode="bilinear")
            large = large.reshape(*faces.shape[:2], 3, *side).transpose(1, 2) * 255
            video.append(self.net.embed_faces(large))
        audio = [self.net.embed_audio(part) for part in torch.split(mels, BATCH)]
        return torch.cat(video), torch.cat(audio)


def windows_of(faces: Tensor, starts: Sequence[int], frames: int) -> Tensor:
    """(len(starts), frames, 3, S, S) contiguous windows."""
    return torch.stack([faces[at : at + frames] for at in starts])


def score(scorer: SyncScorer, scene: Scene) -> SyncScore:
    """LSE-D, LSE-C and the offset of a scene, over shifts of ± 15 frames as published."""
    return sync_scores(*scorer.embed(scene), pad=scorer.pad)


@dataclass(frozen=True, slots=True)
class OffSyncAccuracy:
    """How well the expert tells true pairs from false ones of the same clip."""

    accuracy: float
    """Mean of the parts of true and of false pairs that P_sync > ½ tells rightly."""
    rank: float
    """Part of (true, false) pairs of one picture in which the true sound has the higher P_sync."""
    windows: int


def off_sync_accuracy(expert: ExpertScorer, scenes: Sequence[Scene]) -> OffSyncAccuracy:
    """Off-sync accuracy (thesis, table 3.4), clips weighing alike.

    False sounds are those of the same clip at least `APART` frames away.
    """
    matrices = [cosines(*expert.raw_embeddings(scene)) for scene in scenes]
    usable = [matrix for matrix in matrices if len(matrix) > APART]
    return OffSyncAccuracy(
        accuracy=float(np.mean([accuracy(matrix, apart=APART) for matrix in usable])),
        rank=float(np.mean([rank(matrix, apart=APART) for matrix in usable])),
        windows=sum(map(len, usable)),
    )


def _batches(starts: range, size: int = BATCH) -> list[range]:
    return [starts[at : at + size] for at in range(0, len(starts), size)]
