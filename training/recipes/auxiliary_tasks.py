"""What the expert is taught beside its own task: where the lips are, and what a teacher knows.

Heads on the deepest 3×3 map of its picture encoder and on its two embeddings must tell the lip
landmarks of every frame and the embeddings of `training.recipes.landmark_sync`. The heads are thrown away.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from lipsync.expert import Expert
from training.data.landmarks import LIPS
from training.losses import centred
from training.recipes.landmark_sync import SIZE, match

PLACES = 9
"""Of the map, 3×3; the two layers after it have lost the places."""
MIDDLE = (48.0, 24.0)
"""Of the picture that the expert sees, pixels."""
FAR, NEAR = 9.0, 2.0
"""Pixels in one unit of what a head says of the lips' middle and of their form."""
MOVING = 2.0
"""Weight of a form's change inside the clip beside the form itself."""


class Lesson(nn.Module):
    """The heads of one expert and their loss."""

    def __init__(self, expert: Expert) -> None:
        super().__init__()
        with torch.no_grad():
            size = expert.eval().embed_audio(torch.zeros(1, 1, 80, 16)).shape[1]
        self.frames = expert.dims.frames
        self.lips = nn.Linear(size * PLACES, self.frames * len(LIPS) * 2)
        self.map = nn.Linear(size * PLACES, SIZE)
        self.video = nn.Linear(size, SIZE)
        self.audio = nn.Linear(size, SIZE)

    def forward(
        self,
        seen: Tensor,
        video: Tensor,
        audio: Tensor,
        points: Tensor,
        told: tuple[Tensor, Tensor],
    ) -> Tensor:
        """The loss of K clips of M windows.

        Args:
            seen: (K, M, C·9) the expert's map.
            video: (K, M, C) its embeddings of pictures.
            audio: (K, M, C) and of sound.
            points: (K, M, Tv, 40, 2) lips in pixels.
            told: (K, M, SIZE) twice, the teacher's embeddings of lips and of sound.
        """
        lips, sound = told
        from_map, from_video, from_audio = self.map(seen), self.video(video), self.audio(audio)
        copied = off(from_map, lips) + off(from_video, lips) / 2 + off(from_audio, sound)
        matched = match(from_map, sound) + match(from_video, sound) + match(lips, from_audio)
        return copied + matched / 2 + 2 * self._form(seen, points)

    def _form(self, seen: Tensor, points: Tensor) -> Tensor:
        """How far off the heads are about the lips' middle, form, and change of form."""
        said = self.lips(seen).view(points.shape)
        said_middle, middle = said.mean(-2, keepdim=True), points.mean(-2, keepdim=True)
        away = (middle - middle.new_tensor(MIDDLE)) / FAR
        error = (said - said_middle - (points - middle) / NEAR).flatten(2)
        place = functional.smooth_l1_loss(said_middle, away)
        loss: Tensor = place + error.square().mean() + MOVING * centred(error).square().mean()
        return loss


def off(said: Tensor, told: Tensor) -> Tensor:
    """Squared distance of centred embeddings as a part of the teacher's variance; 1 by chance."""
    truth = centred(told)
    part: Tensor = (centred(said) - truth).square().mean() / truth.square().mean().clamp_min(1e-8)
    return part
