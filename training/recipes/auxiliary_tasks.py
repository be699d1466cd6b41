"""Auxiliary tasks of a narrow expert: where the lips are, and the landmark-sync embeddings.

Heads on the deepest 3×3 map of its picture encoder and on its two embeddings predict the lip
landmarks of every frame and the embeddings of a landmark-sync net. The heads are thrown away.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from lipsync.expert import Expert
from training.data.landmarks import LIPS
from training.recipes.landmark_sync_net import SIZE, centred_contrast
from training.similarity import centred

PLACES = 9
"""Of the map, 3×3; the two layers after it have lost the places."""
MIDDLE = (48.0, 24.0)
"""Of the picture that the expert sees, pixels."""
POSITION_UNIT, SHAPE_UNIT = 9.0, 2.0
"""Pixels in one unit of the predicted middle and form of the lips."""
CHANGE_WEIGHT = 2.0
"""Weight of a form's change inside the clip beside the form itself."""


class AuxiliaryHeads(nn.Module):
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
        feature_map: Tensor,
        video: Tensor,
        audio: Tensor,
        points: Tensor,
        targets: tuple[Tensor, Tensor],
    ) -> Tensor:
        """The loss of K clips of M windows.

        Args:
            feature_map: (K, M, C·9) the expert's map.
            video: (K, M, C) its embeddings of pictures.
            audio: (K, M, C) and of sound.
            points: (K, M, Tv, 40, 2) lips in pixels.
            targets: (K, M, SIZE) twice, landmark-sync embeddings of lips and of sound.
        """
        lips, sound = targets
        from_map, from_video = self.map(feature_map), self.video(video)
        from_audio = self.audio(audio)
        distilled = (
            relative_error(from_map, lips)
            + relative_error(from_video, lips) / 2
            + relative_error(from_audio, sound)
        )
        matched = (
            centred_contrast(from_map, sound)
            + centred_contrast(from_video, sound)
            + centred_contrast(lips, from_audio)
        )
        return distilled + matched / 2 + 2 * self._landmark_loss(feature_map, points)

    def _landmark_loss(self, feature_map: Tensor, points: Tensor) -> Tensor:
        """Error of the lips' middle, form, and change of form."""
        predicted = self.lips(feature_map).view(points.shape)
        predicted_middle, middle = predicted.mean(-2, keepdim=True), points.mean(-2, keepdim=True)
        position = (middle - middle.new_tensor(MIDDLE)) / POSITION_UNIT
        error = (predicted - predicted_middle - (points - middle) / SHAPE_UNIT).flatten(2)
        change = CHANGE_WEIGHT * centred(error).square().mean()
        loss: Tensor = (
            functional.smooth_l1_loss(predicted_middle, position) + error.square().mean() + change
        )
        return loss


def relative_error(predicted: Tensor, target: Tensor) -> Tensor:
    """Squared distance of centred embeddings as a part of the target's variance; 1 by chance."""
    truth = centred(target)
    error = (centred(predicted) - truth).square().mean()
    part: Tensor = error / truth.square().mean().clamp_min(1e-8)
    return part
