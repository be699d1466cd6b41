"""A generator as it is used: pictures and sound in, faces out."""

from __future__ import annotations

import torch
from torch import Tensor

from lipsync.crops import with_pose_prior
from lipsync.generator import FaceGenerator
from training.data.excerpts import faces_of, sound_windows
from training.data.packed import Track

BATCH = 64
"""Faces generated at once."""


class Inference:
    """Lets packed tracks speak other sounds.

    Args:
        model: a generator.
        mel_offset: steps by which a frame's window of sound starts after the frame.
    """

    def __init__(self, model: FaceGenerator, mel_offset: int) -> None:
        self.model, self.mel_offset = model.eval(), mel_offset

    @torch.no_grad()
    def generate(self, faces: Tensor, references: Tensor, sound: Track) -> Tensor:
        """Faces that speak a track's sound from its start.

        Args:
            faces: (N, 3, S, S), the pose prior is taken from them.
            references: the same shape; at inference the same faces.
            sound: at least N frames long.

        Returns:
            (N, 3, S, S) in [0, 1].
        """
        mels = sound_windows(sound, range(len(faces)), form=self.model.form, offset=self.mel_offset)
        inputs = with_pose_prior(faces, references)
        parts = zip(torch.split(mels, BATCH), torch.split(inputs, BATCH), strict=True)
        return torch.cat([self.model(*part) for part in parts])

    def reconstruct(self, track: Track) -> tuple[Tensor, Tensor]:
        """A track's own faces, and the same made from its sound and its first face."""
        faces = faces_of(track, size=self.model.size)
        return faces, self.generate(faces, faces[:1].expand_as(faces), track)
