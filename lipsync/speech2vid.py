"""A Speech2Vid-style baseline (Chung et al., "You said that?", BMVC 2017).

Kept so that the tables of the papers, which compare with it, can be rebuilt: a reference face
and sound in, a face out, no pose prior, and two skip connections. It is made of this
package's blocks, so a comparison shows what the pose prior and the other skips are worth; it
is not a layer-by-layer copy of the 2017 network.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from lipsync.audio import MEL_16
from lipsync.errors import ShapeError
from lipsync.generator import FaceGenerator
from lipsync.layers import ConvBlock, TransposedBlock, mel_encoder, residuals, scaled

SIZE = 96
"""Side of the face, pixels."""

ENCODER = (32, 64, 128, 256, 512, 512)
"""Channels at 96 48 24 12 6 3."""

DECODER = (512, 512, 256, 128, 64, 32)
"""Channels at 3 6 12 24 48 96."""

SKIPPED_SIDES = (12, 24)
"""Sides of the two maps that the decoder sees of the encoder."""


@dataclass(frozen=True)
class Speech2VidDims:
    """What the baseline is rebuilt from."""

    width: float = 1.0
    """Multiplier of all channel counts."""


class _Blank(nn.Module):
    """Stands where a skip is left out: an empty map of the same size."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, 0, H, W)."""
        return x[:, :0]


class Speech2Vid(FaceGenerator):
    """The baseline; takes the same six channels as the others and looks at the reference only.

    Args:
        width: multiplier of all channel counts.
    """

    form = MEL_16
    size = SIZE

    def __init__(self, *, width: float = 1.0) -> None:
        super().__init__()
        if not width > 0:
            raise ShapeError(f"width must be positive, got {width}")
        self.dims = Speech2VidDims(width=width)
        encoder = [scaled(c, width) for c in ENCODER]
        decoder = [scaled(c, width) for c in DECODER]
        sides = [SIZE >> n for n in range(len(encoder))]

        self.face_encoder_blocks = nn.ModuleList()
        channels = 3
        for depth, outputs in enumerate(encoder):
            stride, kernel = (2, 3) if depth else (1, 7)
            self.face_encoder_blocks.append(
                ConvBlock(channels, outputs, kernel=kernel, stride=stride, padding=kernel // 2)
            )
            channels = outputs
        self.face_encoder_blocks.append(ConvBlock(channels, channels, kernel=3))

        self.audio_encoder = mel_encoder(width, deepest_residuals=1)
        self.face_decoder_blocks = nn.ModuleList([nn.Identity()])
        self.skips = nn.ModuleList([nn.Identity()])
        channels = scaled(512, width) + channels  # sound ‖ face
        for depth, outputs in enumerate(decoder):
            up = (
                TransposedBlock(channels, outputs)
                if depth
                else TransposedBlock(channels, outputs, stride=1, padding=0)
            )
            self.face_decoder_blocks.append(nn.Sequential(up, *residuals(outputs, 1)))
            kept = sides[-1 - depth] in SKIPPED_SIDES
            self.skips.insert(0, nn.Identity() if kept else _Blank())
            channels = outputs + (encoder[-1 - depth] if kept else 0)
        self.output_block = nn.Sequential(nn.Conv2d(channels, 3, kernel_size=1), nn.Sigmoid())

    def encode(self, faces: Tensor) -> list[Tensor]:
        """As every generator's, of the reference alone and without the maps left out."""
        maps = super().encode(faces[:, 3:])
        return [skip(x) for skip, x in zip(self.skips, maps, strict=True)]
