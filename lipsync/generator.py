"""The Wav2Lip generator (Prajwal et al., ACM MM 2020; thesis chapter 3).

Input is a pose prior (the face with its lower half zeroed) beside a reference face, and the
sound around the frame; output is the face with lips that fit the sound. Pictures are **BGR in
[0, 1]** in every model of this package, because the published weights were trained so.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lipsync.audio import MEL_16, AudioForm
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


def doublings(size: int, width: float) -> int:
    """How often a face of ``size`` is 96 doubled; ``ShapeError`` for any other size or width."""
    count = (max(size, 0) // PUBLISHED_SIZE).bit_length() - 1
    if count < 0 or PUBLISHED_SIZE << count != size:
        raise ShapeError(f"face size must be 96, 192, 384 …, got {size}")
    if not width > 0:
        raise ShapeError(f"width must be positive, got {width}")
    return count


class FaceGenerator(nn.Module):
    """What every generator here is: encoders, a decoder with skips, and a sigmoid head.

    Subclasses fill the four attributes. ``face_decoder_blocks[n]`` is followed by the join
    with the map of the same size from the face encoder, the innermost first.
    """

    form: AudioForm
    size: int
    face_encoder_blocks: nn.ModuleList
    audio_encoder: nn.Sequential
    face_decoder_blocks: nn.ModuleList
    output_block: nn.Sequential

    def forward(self, mels: Tensor, faces: Tensor) -> Tensor:
        """Make faces.

        Args:
            mels: (B, 1, 80, 16) or (B, T, 1, 80, 16), in [−4, 4]; other forms likewise.
            faces: (B, 6, S, S) or (B, T, 6, S, S), BGR in [0, 1]; pose prior first.

        Returns:
            (B, 3, S, S) or (B, T, 3, S, S), BGR in [0, 1].

        Raises:
            ShapeError: the inputs do not have these shapes, or disagree on B or T.
        """
        if faces.ndim == 5:
            check_shape("mels", mels, *faces.shape[:2], 1, *self.form.shape())
            out: Tensor = self(mels.flatten(0, 1), faces.flatten(0, 1))
            return out.reshape(*faces.shape[:2], *out.shape[1:])
        self.check(mels, faces)
        skips = self.encode(faces)
        x = self.audio_encoder(mels)  # (B, 512, 1, 1)
        for block in self.face_decoder_blocks:
            x = torch.cat((block(x), skips.pop()), dim=1)
        y: Tensor = self.output_block(x)
        return y

    def check(self, mels: Tensor, faces: Tensor) -> None:
        """Raise ``ShapeError`` unless the four-dimensional inputs fit this model."""
        check_shape("faces", faces, None, INPUT_CHANNELS, self.size, self.size)
        check_shape("mels", mels, faces.shape[0], 1, *self.form.shape())

    def encode(self, faces: Tensor) -> list[Tensor]:
        """The face encoder's maps, outermost first; the last is (B, 512, 1, 1)."""
        maps: list[Tensor] = []
        for block in self.face_encoder_blocks:
            faces = block(faces)
            maps.append(faces)
        return maps


class Generator(FaceGenerator):
    """Wav2Lip: 36,298,035 parameters at width 1 and size 96.

    Args:
        width: multiplier of all channel counts.
        size: side of the face, 96 or 192 pixels.
    """

    form = MEL_16

    def __init__(self, *, width: float = 1.0, size: int = PUBLISHED_SIZE) -> None:
        super().__init__()
        extra = doublings(size, width)
        self.dims = GeneratorDims(width=width, size=size)
        self.size = size
        encoder = (OUTER_ENCODER,) * extra + ENCODER
        decoder = DECODER + (OUTER_DECODER,) * extra
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
