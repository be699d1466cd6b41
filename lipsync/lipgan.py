"""LipGAN (Prajwal et al., ACM MM 2019; thesis chapter 2): generator and contrastive discriminator.

The tables are the thesis'. Where it leaves a stride open (the discriminator's audio encoder),
the published Keras code decides. The two faces are joined in the order of the rest of this
package, pose prior first, so that one engine and one data set serve every generator.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from lipsync.audio import AudioForm
from lipsync.errors import ShapeError
from lipsync.features import MEL_27, MFCC_35
from lipsync.generator import INPUT_CHANNELS, FaceGenerator
from lipsync.layers import ConvBlock, TransposedBlock, check_shape, residuals, scaled

SIZE = 96
"""Side of the face, pixels."""

MARGIN = 2.0
"""Distance beyond which an out-of-sync pair costs nothing; the largest there is, since
embeddings have unit length."""

Sound = Literal["mfcc", "mel"]
_FORMS: dict[str, AudioForm] = {"mfcc": MFCC_35, "mel": MEL_27}


@dataclass(frozen=True)
class LipGanDims:
    """What a LipGAN generator or discriminator is rebuilt from."""

    width: float = 1.0
    """Multiplier of all channel counts."""
    sound: Sound = "mel"
    """MFCC 12×35, or mel 80×27."""


def _dims(width: float, sound: Sound) -> LipGanDims:
    if not width > 0:
        raise ShapeError(f"width must be positive, got {width}")
    if sound not in _FORMS:
        raise ShapeError(f"sound must be one of {', '.join(_FORMS)}, got {sound!r}")
    return LipGanDims(width=width, sound=sound)


class LipGan(FaceGenerator):
    """The generator.

    Args:
        width: multiplier of all channel counts.
        sound: the form of sound it hears.
    """

    size = SIZE

    def __init__(self, *, width: float = 1.0, sound: Sound = "mel") -> None:
        super().__init__()
        self.dims = _dims(width, sound)
        self.form = _FORMS[sound]
        c32, c64, c128, c256, c512 = (scaled(c, width) for c in (32, 64, 128, 256, 512))

        def halve(inputs: int, outputs: int, extra: int, kernel: int = 3) -> nn.Sequential:
            first = ConvBlock(inputs, outputs, kernel=kernel, stride=2, padding=kernel // 2)
            return nn.Sequential(first, *residuals(outputs, extra))

        def double(inputs: int, outputs: int) -> nn.Sequential:
            return nn.Sequential(TransposedBlock(inputs, outputs), *residuals(outputs, 2))

        self.face_encoder_blocks = nn.ModuleList(
            [
                nn.Sequential(ConvBlock(INPUT_CHANNELS, c32, kernel=7, padding=3)),  # 96
                halve(c32, c64, 2, kernel=5),  # 48
                halve(c64, c128, 3),  # 24
                halve(c128, c256, 2),  # 12
                halve(c256, c512, 2),  # 6
                halve(c512, c512, 0),  # 3
                nn.Sequential(
                    ConvBlock(c512, c512, kernel=3, stride=3),  # 1
                    ConvBlock(c512, c512, kernel=1),
                ),
            ]
        )
        encoder = _mfcc_encoder(width) if sound == "mfcc" else _mel_encoder(width)
        self.audio_encoder = encoder
        self.face_decoder_blocks = nn.ModuleList(
            [
                nn.Identity(),  # sound ‖ face, (B, 1024, 1, 1)
                nn.Sequential(TransposedBlock(2 * c512, c512, stride=1, padding=0)),  # 3
                double(2 * c512, c512),  # 6
                double(2 * c512, c256),  # 12
                double(2 * c256, c128),  # 24
                double(2 * c128, c64),  # 48
                double(2 * c64, c32),  # 96
            ]
        )
        self.output_block = nn.Sequential(nn.Conv2d(2 * c32, 3, kernel_size=1), nn.Sigmoid())


def _mfcc_encoder(width: float) -> nn.Sequential:
    """(B, 1, 12, 35) to (B, 512, 1, 1)."""
    c128, c256, c512 = (scaled(c, width) for c in (128, 256, 512))
    return nn.Sequential(
        ConvBlock(1, c128, kernel=3, padding=1),  # (B, 128, 12, 35)
        *residuals(c128, 3),
        nn.ZeroPad2d((0, 0, 1, 0)),  # one row above
        ConvBlock(c128, c256, kernel=3, stride=(1, 2), padding=1),  # (B, 256, 13, 18)
        *residuals(c256, 2),
        ConvBlock(c256, c512, kernel=3, stride=2, padding=1),  # (B, 512, 7, 9)
        *residuals(c512, 2),
        ConvBlock(c512, c512, kernel=3, stride=2, padding=1),  # (B, 512, 4, 5)
        *residuals(c512, 1),
        ConvBlock(c512, c512, kernel=(4, 5), stride=(4, 5)),  # (B, 512, 1, 1)
        ConvBlock(c512, c512, kernel=1),
    )


def _mel_encoder(width: float) -> nn.Sequential:
    """(B, 1, 80, 27) to (B, 512, 1, 1).

    The thesis has no table for this form; depths and widths are those of the Wav2Lip encoder,
    with strides that bring 80×27 down to 3×3.
    """
    c32, c64, c128, c256, c512 = (scaled(c, width) for c in (32, 64, 128, 256, 512))
    return nn.Sequential(
        ConvBlock(1, c32, kernel=3, padding=1),  # (B, 32, 80, 27)
        *residuals(c32, 2),
        ConvBlock(c32, c64, kernel=3, stride=3, padding=1),  # (B, 64, 27, 9)
        *residuals(c64, 2),
        ConvBlock(c64, c128, kernel=3, stride=(3, 1), padding=1),  # (B, 128, 9, 9)
        *residuals(c128, 2),
        ConvBlock(c128, c256, kernel=3, stride=3, padding=1),  # (B, 256, 3, 3)
        *residuals(c256, 1),
        ConvBlock(c256, c512, kernel=3),  # (B, 512, 1, 1)
        ConvBlock(c512, c512, kernel=1),
    )


class LipGanDiscriminator(nn.Module):
    """How far apart are this face and this sound? Instance norm, LeakyReLU.

    Args:
        width: multiplier of all channel counts.
        sound: the form of sound it hears.
    """

    def __init__(self, *, width: float = 1.0, sound: Sound = "mel") -> None:
        super().__init__()
        self.dims = _dims(width, sound)
        self.form = _FORMS[sound]
        c64, c128, c256, c512 = (scaled(c, width) for c in (64, 128, 256, 512))

        def conv(
            inputs: int,
            outputs: int,
            kernel: int = 3,
            stride: int | tuple[int, int] = 2,
        ) -> ConvBlock:
            return ConvBlock(
                inputs,
                outputs,
                kernel=kernel,
                stride=stride,
                padding=kernel // 2,
                norm="instance",
            )

        # The last convolution is bare: its map is 1×1, where an instance norm is zero.
        self.face_encoder = nn.Sequential(
            conv(3, c64, 7),  # 48
            conv(c64, c128, 5),  # 24
            conv(c128, c256),  # 12
            conv(c256, c512),  # 6
            conv(c512, c512),  # 3
            nn.Conv2d(c512, c512, kernel_size=3, stride=3),  # 1
        )
        if sound == "mfcc":
            self.audio_encoder = nn.Sequential(
                conv(1, c64, stride=1),
                conv(c64, c128, stride=1),  # (B, 128, 12, 35)
                nn.ZeroPad2d((0, 0, 1, 0)),
                conv(c128, c256, stride=(1, 2)),  # (B, 256, 13, 18)
                conv(c256, c256, stride=1),
                conv(c256, c512),  # (B, 512, 7, 9)
                conv(c512, c512),  # (B, 512, 4, 5)
                nn.Conv2d(c512, c512, kernel_size=(4, 5)),  # (B, 512, 1, 1)
            )
        else:
            self.audio_encoder = nn.Sequential(
                conv(1, c64, stride=1),
                conv(c64, c128, stride=3),  # (B, 128, 27, 9)
                conv(c128, c256, stride=(3, 1)),  # (B, 256, 9, 9)
                conv(c256, c256, stride=1),
                conv(c256, c512, stride=3),  # (B, 512, 3, 3)
                conv(c512, c512, stride=1),
                nn.Conv2d(c512, c512, kernel_size=3),  # (B, 512, 1, 1)
            )

    def embed_faces(self, faces: Tensor) -> Tensor:
        """(B, 3, 96, 96) BGR in [0, 1] to (B, 512·width) of unit length."""
        check_shape("faces", faces, None, 3, SIZE, SIZE)
        return functional.normalize(self.face_encoder(faces).flatten(1))

    def embed_audio(self, sounds: Tensor) -> Tensor:
        """(B, 1, bins, steps) to (B, 512·width) of unit length."""
        check_shape("sounds", sounds, None, 1, *self.form.shape())
        return functional.normalize(self.audio_encoder(sounds).flatten(1))

    def forward(self, sounds: Tensor, faces: Tensor) -> Tensor:
        """Distance of each pair, (B,), in [0, 2]."""
        apart = self.embed_faces(faces) - self.embed_audio(sounds)
        distance: Tensor = torch.linalg.vector_norm(apart, dim=1)
        return distance


def contrastive_loss(distance: Tensor, in_sync: Tensor, *, margin: float = MARGIN) -> Tensor:
    """Thesis eq. 2.1: 1/2N · Σ y·d² + (1 − y)·max(0, m − d)².

    Args:
        distance: (N,), from the discriminator.
        in_sync: (N,), 1 where the pair should be close. The discriminator says so of real
            synced pairs only; the generator says so of what it made.
        margin: m.

    Returns:
        A scalar.
    """
    apart = (margin - distance).clamp_min(0)
    terms = in_sync * distance.square() + (1 - in_sync) * apart.square()
    return terms.mean() / 2
