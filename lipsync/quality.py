"""The visual-quality discriminator of Wav2Lip: is this lower half of a face real?

No norm, LeakyReLU, one probability a face (thesis chapter 3; the published
``visual_quality_disc``).
"""

from dataclasses import dataclass

from torch import Tensor, nn

from lipsync.generator import PUBLISHED_SIZE, doublings
from lipsync.layers import ConvBlock, Size, check_shape, scaled

OUTER_CHANNELS = 32
"""Channels of the stage that each doubling of the face adds."""


@dataclass(frozen=True)
class QualityDims:
    """What a visual-quality discriminator is rebuilt from."""

    width: float = 1.0
    """Multiplier of all channel counts."""
    size: int = PUBLISHED_SIZE
    """Side of the whole face in pixels: 96 doubled any number of times."""


class QualityDiscriminator(nn.Module):
    """14,113,793 parameters at width 1 and size 96.

    Args:
        width: multiplier of all channel counts.
        size: side of the whole face; the lower half is judged.
    """

    def __init__(self, *, width: float = 1.0, size: int = PUBLISHED_SIZE) -> None:
        super().__init__()
        self.dims = QualityDims(width=width, size=size)
        extra = doublings(size, width)
        c32, c64, c128, c256, c512 = (scaled(c, width) for c in (32, 64, 128, 256, 512))

        def conv(
            inputs: int, outputs: int, kernel: int, stride: Size = 1, padding: int | None = None
        ) -> ConvBlock:
            pad = kernel // 2 if padding is None else padding
            return ConvBlock(
                inputs, outputs, kernel=kernel, stride=stride, padding=pad, norm="none"
            )

        def stage(inputs: int, outputs: int, kernel: int, stride: Size) -> nn.Sequential:
            return nn.Sequential(
                conv(inputs, outputs, kernel, stride), conv(outputs, outputs, kernel)
            )

        outer = scaled(OUTER_CHANNELS, width)
        self.face_encoder_blocks = nn.ModuleList(
            [
                nn.Sequential(conv(3, c32, 7)),  # (B, 32, 48, 96) at size 96
                *(stage(c32 if n == 0 else outer, outer, 5, 2) for n in range(extra)),
                stage(c32, c64, 5, (1, 2)),  # (B, 64, 48, 48)
                stage(c64, c128, 5, 2),  # (B, 128, 24, 24)
                stage(c128, c256, 5, 2),  # (B, 256, 12, 12)
                stage(c256, c512, 3, 2),  # (B, 512, 6, 6)
                stage(c512, c512, 3, 2),  # (B, 512, 3, 3)
                nn.Sequential(conv(c512, c512, 3, 1, 0), conv(c512, c512, 1)),  # (B, 512, 1, 1)
            ]
        )
        self.binary_pred = nn.Sequential(nn.Conv2d(c512, 1, kernel_size=1), nn.Sigmoid())

    def forward(self, faces: Tensor) -> Tensor:
        """Probability that each face is real.

        Args:
            faces: whole faces, (B, 3, S, S) or (B, T, 3, S, S), BGR in [0, 1]; the upper
                half is cut off here.

        Returns:
            (B,) or (B, T), in [0, 1].
        """
        if faces.ndim == 5:
            out: Tensor = self(faces.flatten(0, 1))
            return out.reshape(faces.shape[:2])
        size = self.dims.size
        check_shape("faces", faces, None, 3, size, size)
        x = faces[:, :, size // 2 :]  # (B, 3, S/2, S)
        for block in self.face_encoder_blocks:
            x = block(x)
        probability: Tensor = self.binary_pred(x)
        return probability.flatten()
