"""A trained generator made fast: batch norms folded away, and only the mouth half computed.

Paste-back uses nothing above the middle of the generated face, so nothing above the middle need
be computed. Each decoder stage starts at the first row that the rows below still depend on;
what is left out is 31% of the multiply-adds, and the lower half is the same numbers.
"""

import copy

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from lipsync.generator import FaceGenerator


def fold_norms(model: FaceGenerator) -> FaceGenerator:
    """A copy in evaluation mode whose batch norms are part of the convolutions before them."""
    folded = copy.deepcopy(model).eval()
    for module in folded.modules():
        block = getattr(module, "conv_block", None)
        if isinstance(block, nn.Sequential) and isinstance(block[-1], nn.BatchNorm2d):
            transposed = isinstance(block[0], nn.ConvTranspose2d)
            module.conv_block = nn.Sequential(
                fuse_conv_bn_eval(block[0], block[-1], transpose=transposed)  # type: ignore[type-var]
            )
    return folded.requires_grad_(False)


class LowerHalf(nn.Module):
    """A generator that makes the lower half of the face alone.

    Args:
        model: any generator; its weights are shared, not copied.
    """

    def __init__(self, model: FaceGenerator) -> None:
        super().__init__()
        self.model = model
        self.first_rows = _first_rows(model)

    def forward(self, mels: Tensor, faces: Tensor) -> Tensor:
        """(B, 1, bins, steps) and (B, 6, S, S) to (B, 3, S/2, S) float32; values as the model's.

        The sigmoid is taken in float32: near white, bf16 has fewer steps than a byte.
        """
        model = self.model
        skips = model.encode(faces)
        x = model.audio_encoder(mels)
        top = 0  # the row of the whole map at which x begins
        for block, first in zip(model.face_decoder_blocks, self.first_rows, strict=True):
            x = block(x[..., first - top :, :])
            top = 2 * first
            x = torch.cat((x, skips.pop()[..., top:, :]), dim=1)
        y = torch.sigmoid(model.output_block[:-1](x).float())
        return y[..., model.size // 2 - top :, :]


def _first_rows(model: FaceGenerator) -> list[int]:
    """For each decoder block, the first row of its input that the lower half depends on.

    It is zero for blocks that do not double the map; those are small.
    """
    needed = model.size // 2 - _reach(model.output_block)
    rows: list[int] = []
    for block in reversed(model.face_decoder_blocks):
        # Row o of a doubled map depends on rows (o − 1)/2 to (o + 1)/2 of the one before.
        needed = max(0, (needed - _reach(block)) // 2) if _doubles(block) else 0
        rows.append(needed)
    return rows[::-1]


def _doubles(block: nn.Module) -> bool:
    return any(isinstance(m, nn.ConvTranspose2d) and m.stride == (2, 2) for m in block.modules())


def _reach(block: nn.Module) -> int:
    """Rows by which a block's plain convolutions look upwards."""
    return sum(int(m.kernel_size[0]) // 2 for m in block.modules() if type(m) is nn.Conv2d)
