"""The expert sync discriminator of Wav2Lip: do these lips and this sound belong together?

Colour frames of the lower half of the face, joined by channel, against one mel window
(thesis chapter 3; the published ``lipsync_expert``).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lipsync.audio import MEL_16
from lipsync.errors import ShapeError
from lipsync.layers import ConvBlock, check_shape, mel_encoder, residuals, scaled

FACE_SIZE = 96
"""Side of the faces the expert judges, pixels."""

PUBLISHED_FRAMES = 5
EPSILON = 1e-8
"""Floor of the norms' product in P_sync (thesis, eq. of P_sync)."""


@dataclass(frozen=True)
class ExpertDims:
    """What an expert is rebuilt from."""

    width: float = 1.0
    """Multiplier of all channel counts."""
    frames: int = PUBLISHED_FRAMES
    """Frames judged at once, Tv; the thesis compares 1, 3 and 5."""


class Expert(nn.Module):
    """16,435,072 parameters at width 1 and Tv = 5.

    Args:
        frames: frames judged at once (Tv).
        width: multiplier of all channel counts.
    """

    def __init__(self, *, frames: int = PUBLISHED_FRAMES, width: float = 1.0) -> None:
        super().__init__()
        if frames < 1 or width <= 0:
            raise ShapeError(f"frames and width must be positive, got {frames} and {width}")
        self.dims = ExpertDims(width=width, frames=frames)
        c32, c64, c128, c256, c512 = (scaled(c, width) for c in (32, 64, 128, 256, 512))
        self.face_encoder = nn.Sequential(
            ConvBlock(3 * frames, c32, kernel=7, padding=3),  # (B, 32, 48, 96)
            ConvBlock(c32, c64, kernel=5, stride=(1, 2), padding=1),  # (B, 64, 46, 47)
            *residuals(c64, 2),
            ConvBlock(c64, c128, kernel=3, stride=2, padding=1),  # (B, 128, 23, 24)
            *residuals(c128, 3),
            ConvBlock(c128, c256, kernel=3, stride=2, padding=1),  # (B, 256, 12, 12)
            *residuals(c256, 2),
            ConvBlock(c256, c512, kernel=3, stride=2, padding=1),  # (B, 512, 6, 6)
            *residuals(c512, 2),
            ConvBlock(c512, c512, kernel=3, stride=2, padding=1),  # (B, 512, 3, 3)
            ConvBlock(c512, c512, kernel=3),  # (B, 512, 1, 1)
            ConvBlock(c512, c512, kernel=1),
        )
        self.audio_encoder = mel_encoder(width, deepest_residuals=2)

    def embed_faces(self, mouths: Tensor) -> Tensor:
        """(B, 3·Tv, 48, 96) BGR in [0, 1], see ``mouth_windows``, to (B, 512·width), ≥ 0."""
        channels = 3 * self.dims.frames
        check_shape("mouths", mouths, None, channels, FACE_SIZE // 2, FACE_SIZE)
        embedding: Tensor = self.face_encoder(mouths)
        return embedding.flatten(1)

    def embed_audio(self, mels: Tensor) -> Tensor:
        """(B, 1, 80, 16) to (B, 512·width), not negative."""
        check_shape("mels", mels, None, 1, *MEL_16.shape())
        embedding: Tensor = self.audio_encoder(mels)
        return embedding.flatten(1)

    def forward(self, mels: Tensor, mouths: Tensor) -> Tensor:
        """P_sync of each pair, (B,), in [0, 1]; shapes as in the two ``embed`` methods."""
        return sync_probability(self.embed_faces(mouths), self.embed_audio(mels))


def mouth_windows(faces: Tensor) -> Tensor:
    """Lower halves of a window of faces, joined by channel, at the size the expert judges.

    Args:
        faces: (B, Tv, 3, S, S); S other than 96 is resized (area), so that one expert
            judges generators of every size.

    Returns:
        (B, 3·Tv, 48, 96), frame after frame, BGR within each.
    """
    check_shape("faces", faces, None, None, 3, None, None)
    if faces.shape[-1] != FACE_SIZE:
        batch = faces.shape[:2]
        small = functional.interpolate(faces.flatten(0, 1), (FACE_SIZE, FACE_SIZE), mode="area")
        faces = small.reshape(*batch, *small.shape[1:])
    return faces[..., FACE_SIZE // 2 :, :].flatten(1, 2)


def sync_probability(video: Tensor, audio: Tensor) -> Tensor:
    """P_sync = v·s / max(‖v‖‖s‖, ε) for (B, E) ReLU embeddings; (B,), in [0, 1]."""
    norms = torch.linalg.vector_norm(video, dim=1) * torch.linalg.vector_norm(audio, dim=1)
    cosine: Tensor = (video * audio).sum(1) / norms.clamp_min(EPSILON)
    return cosine.clamp(0.0, 1.0)


def sync_loss(probability: Tensor, in_sync: Tensor) -> Tensor:
    """Binary cross-entropy of P_sync against labels (B,), 1 where the pair is in sync.

    With all labels 1 this is E_sync, the mean of −log P_sync (thesis eq. 3.6).
    """
    return functional.binary_cross_entropy(probability, in_sync)
