"""The convolution blocks that every model here is made of.

The attribute name ``conv_block`` and the order convolution, norm inside it are those of the
published weights, so that their state dicts load without renaming.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from lipsync.errors import ShapeError

Norm = Literal["batch", "instance", "none"]
Size = int | tuple[int, int]

CHANNEL_MULTIPLE = 8
"""Scaled channel counts are multiples of this, the granule of SIMD convolution kernels."""

LEAKY_SLOPE = 0.01
"""Negative slope of the discriminators (published code)."""


def scaled(channels: int, width: float) -> int:
    """Channel count at a width multiplier: a multiple of 8, at least 8; exact at width 1."""
    if width == 1:
        return channels
    return max(CHANNEL_MULTIPLE, round(channels * width / CHANNEL_MULTIPLE) * CHANNEL_MULTIPLE)


def check_shape(name: str, tensor: Tensor, *shape: int | None) -> None:
    """Raise ``ShapeError`` unless ``tensor`` has ``shape``; ``None`` stands for any length."""
    fits = tensor.ndim == len(shape) and all(
        want is None or want == have for want, have in zip(shape, tensor.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ShapeError(f"{name} must have shape ({wanted}), got {tuple(tensor.shape)}")


class ConvBlock(nn.Module):
    """Convolution, norm, rectifier; "C" in the thesis' tables, "R" with ``residual``.

    Args:
        inputs: channels in.
        outputs: channels out.
        kernel: kernel size, one number or (height, width).
        stride: stride, likewise.
        padding: zero padding, likewise.
        residual: add the input before the rectifier.
        norm: batch norm + ReLU; instance norm + LeakyReLU; or no norm + LeakyReLU.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        kernel: Size,
        stride: Size = 1,
        padding: Size = 0,
        residual: bool = False,
        norm: Norm = "batch",
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, kernel, stride, padding)]
        if norm == "batch":
            layers.append(nn.BatchNorm2d(outputs))
        elif norm == "instance":
            layers.append(nn.InstanceNorm2d(outputs))
        self.conv_block = nn.Sequential(*layers)
        self.residual = residual
        self.slope = 0.0 if norm == "batch" else LEAKY_SLOPE

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H', W')."""
        out: Tensor = self.conv_block(x)
        if self.residual:
            out = out + x
        return functional.leaky_relu(out, self.slope) if self.slope else torch.relu(out)


class TransposedBlock(nn.Module):
    """Transposed convolution, batch norm, ReLU; "T" in the thesis' tables.

    With ``stride`` 2 it doubles height and width; with stride 1 and no padding it opens a
    1×1 map to kernel×kernel.
    """

    def __init__(
        self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 2, padding: int = 1
    ) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, output_padding=stride - 1),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H', W')."""
        return torch.relu(self.conv_block(x))


def residuals(channels: int, count: int, *, norm: Norm = "batch") -> list[ConvBlock]:
    """``count`` 3×3 residual blocks; the shape of the map stays."""
    return [
        ConvBlock(channels, channels, kernel=3, padding=1, residual=True, norm=norm)
        for _ in range(count)
    ]


def mel_encoder(width: float, *, deepest_residuals: int) -> nn.Sequential:
    """The audio encoder of generator and expert: (B, 1, 80, 16) to (B, 512·width, 1, 1).

    Thesis chapter 3, table of the audio encoder. The expert has one more residual block in
    the fourth stage than the generator (published weights).
    """
    c32, c64, c128, c256, c512 = (scaled(c, width) for c in (32, 64, 128, 256, 512))
    return nn.Sequential(
        ConvBlock(1, c32, kernel=3, padding=1),  # (B, 32, 80, 16)
        *residuals(c32, 2),
        ConvBlock(c32, c64, kernel=3, stride=(3, 1), padding=1),  # (B, 64, 27, 16)
        *residuals(c64, 2),
        ConvBlock(c64, c128, kernel=3, stride=3, padding=1),  # (B, 128, 9, 6)
        *residuals(c128, 2),
        ConvBlock(c128, c256, kernel=3, stride=(3, 2), padding=1),  # (B, 256, 3, 3)
        *residuals(c256, deepest_residuals),
        ConvBlock(c256, c512, kernel=3),  # (B, 512, 1, 1)
        ConvBlock(c512, c512, kernel=1),
    )
