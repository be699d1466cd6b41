"""The Wav2Lip generator (Prajwal et al., ACM MM 2020; thesis chapter 3).

Input is a pose prior (the face with its lower half zeroed) beside a reference face, and the
sound around the frame; output is the face with lips that fit the sound. Pictures are **BGR in
[0, 1]** in every model of this package, because the published weights were trained so.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lipsync.errors import ShapeError
from lipsync.layers import (
    ConvBlock,
    TransposedBlock,
    check_shape,
    mel_encoder,
    residuals,
    scaled,
)

PUBLISHED_SIZE = 96
"""Side of the published model's face, pixels."""

MEL_BINS = 80
MEL_STEPS = 16
"""Steps of one mel window; 200 ms."""

INPUT_CHANNELS = 6
"""Pose prior ‖ reference, BGR each."""


@dataclass(frozen=True)
class Stage:
    """One resolution: channel count and the residual blocks behind its first convolution."""

    channels: int
    residuals: int


# From 96×96 inwards; each stage after the first halves the map. 96 48 24 12 6 3.
ENCODER = (Stage(16, 0), Stage(32, 2), Stage(64, 3), Stage(128, 2), Stage(256, 2), Stage(512, 1))
# From 3×3 outwards; each stage after the first doubles the map. 3 6 12 24 48 96.
DECODER = (Stage(512, 1), Stage(512, 2), Stage(384, 2), Stage(256, 2), Stage(128, 2), Stage(64, 2))
# A doubling of the face adds one stage at the outer end of each.
OUTER_ENCODER = Stage(16, 0)
OUTER_DECODER = Stage(32, 2)
EMBEDDING = 512
HEAD = 32


@dataclass(frozen=True)
class GeneratorDims:
    """What a generator is rebuilt from."""

    width: float = 1.0
    """Multiplier of all channel counts."""
    size: int = PUBLISHED_SIZE
    """Side of the face in pixels: 96 doubled any number of times."""

    def doublings(self) -> int:
        """How often the face is larger than 96; raises ``ShapeError`` for other sizes."""
        count = (self.size // PUBLISHED_SIZE).bit_length() - 1
        if self.size <= 0 or count < 0 or PUBLISHED_SIZE << count != self.size:
            raise ShapeError(f"face size must be 96, 192, 384 …, got {self.size}")
        if self.width <= 0:
            raise ShapeError(f"width must be positive, got {self.width}")
        return count


class Generator(nn.Module):
    """Mel window + pose prior ‖ reference to face; 36,298,035 parameters at width 1, size 96.

    Args:
        width: multiplier of all channel counts.
        size: side of the face, 96 or 192 pixels.
    """

    def __init__(self, *, width: float = 1.0, size: int = PUBLISHED_SIZE) -> None:
        super().__init__()
        self.dims = GeneratorDims(width=width, size=size)
        doublings = self.dims.doublings()
        encoder = (OUTER_ENCODER,) * doublings + ENCODER
        decoder = DECODER + (OUTER_DECODER,) * doublings
        embedding = scaled(EMBEDDING, width)

        self.face_encoder_blocks = nn.ModuleList()
        channels = INPUT_CHANNELS
        for depth, stage in enumerate(encoder):
            outputs = scaled(stage.channels, width)
            first = (
                ConvBlock(channels, outputs, kernel=3, stride=2, padding=1)
                if depth
                else ConvBlock(channels, outputs, kernel=7, padding=3)
            )
            self.face_encoder_blocks.append(
                nn.Sequential(first, *residuals(outputs, stage.residuals))
            )
            channels = outputs
        self.face_encoder_blocks.append(
            nn.Sequential(
                ConvBlock(channels, embedding, kernel=3),  # (B, 512, 1, 1)
                ConvBlock(embedding, embedding, kernel=1),
            )
        )

        self.audio_encoder = mel_encoder(width, deepest_residuals=1)

        skips = [scaled(stage.channels, width) for stage in reversed(encoder)]
        self.face_decoder_blocks = nn.ModuleList(
            [nn.Sequential(ConvBlock(embedding, embedding, kernel=1))]
        )
        channels = embedding + embedding  # sound ‖ face
        for depth, (stage, skip) in enumerate(zip(decoder, skips, strict=True)):
            outputs = scaled(stage.channels, width)
            first_up = (
                TransposedBlock(channels, outputs)
                if depth
                else TransposedBlock(channels, outputs, stride=1, padding=0)
            )
            self.face_decoder_blocks.append(
                nn.Sequential(first_up, *residuals(outputs, stage.residuals))
            )
            channels = outputs + skip

        head = scaled(HEAD, width)
        self.output_block = nn.Sequential(
            ConvBlock(channels, head, kernel=3, padding=1),
            nn.Conv2d(head, 3, kernel_size=1),
            nn.Sigmoid(),
        )

    def forward(self, mels: Tensor, faces: Tensor) -> Tensor:
        """Make faces.

        Args:
            mels: (B, 1, 80, 16) or (B, T, 1, 80, 16), in [−4, 4].
            faces: (B, 6, S, S) or (B, T, 6, S, S), BGR in [0, 1]; pose prior first.

        Returns:
            (B, 3, S, S) or (B, T, 3, S, S), BGR in [0, 1].

        Raises:
            ShapeError: the inputs do not have these shapes, or disagree on B or T.
        """
        if faces.ndim == 5:
            check_shape("mels", mels, *faces.shape[:2], 1, MEL_BINS, MEL_STEPS)
            out: Tensor = self(mels.flatten(0, 1), faces.flatten(0, 1))
            return out.reshape(*faces.shape[:2], *out.shape[1:])
        size = self.dims.size
        check_shape("faces", faces, None, INPUT_CHANNELS, size, size)
        check_shape("mels", mels, faces.shape[0], 1, MEL_BINS, MEL_STEPS)

        skips: list[Tensor] = []
        x = faces
        for block in self.face_encoder_blocks:
            x = block(x)
            skips.append(x)

        x = self.audio_encoder(mels)  # (B, 512, 1, 1)
        for block in self.face_decoder_blocks:
            x = torch.cat((block(x), skips.pop()), dim=1)
        y: Tensor = self.output_block(x)
        return y
