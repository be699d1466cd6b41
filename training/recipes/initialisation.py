"""Initialisation by more than noise: from another model, at the lip codes, as a copy."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from lipsync import checkpoint
from lipsync.expert import Expert
from lipsync.generator import FaceGenerator, Generator
from lipsync.layers import ConvBlock
from training.data.lip_codes import CODES, LEVEL

FIRST = "face_encoder.0.conv_block.0.weight"
"""The one tensor of an expert that depends on Tv: (C, 3·Tv, 7, 7)."""
COLOURS = 3
COPY_GAIN = 5.0
"""Gain before the sigmoid of a colour that is passed on: close to a line over [0, 1]."""
REST_GAIN = 0.15
"""What is left of the other channels' weights in the last layer."""


def copy_expert(path: Path, expert: Expert) -> int:
    """Copy what fits of another expert's weights.

    If its Tv differs, its first convolution is summed over its frames and shared among the new
    one's.

    Returns:
        The number of tensors taken.
    """
    source = checkpoint.load_expert(path).model
    weights, target = source.state_dict(), expert.state_dict()
    frames = expert.dims.frames
    if source.dims.frames != frames and source.dims.width == expert.dims.width:
        first = weights[FIRST].unflatten(1, (source.dims.frames, 3)).sum(1)  # (C, 3, 7, 7)
        weights[FIRST] = first.repeat(1, frames, 1, 1) / frames
    fitting = {
        name: tensor
        for name, tensor in weights.items()
        if name in target and target[name].shape == tensor.shape
    }
    expert.load_state_dict({**target, **fitting})
    return len(fitting)


def copy_audio_encoder(expert: Expert, generator: Generator) -> int:
    """Begin with the expert's audio encoder: stage by stage, without its one block more.

    Returns:
        The number of tensors taken.
    """
    sources = list(expert.audio_encoder.children())
    targets = list(generator.audio_encoder.children())
    extra = len(sources) - len(targets)  # residual blocks of the fourth stage, not in a generator
    kept = sources[: len(targets) - 2] + sources[len(targets) - 2 + extra :]
    taken = 0
    for source, target in zip(kept, targets, strict=True):
        weights, wanted = source.state_dict(), target.state_dict()
        if all(weights[name].shape == wanted[name].shape for name in wanted):
            target.load_state_dict(weights)
            taken += len(wanted)
    return taken


def initialise_code_level(generator: FaceGenerator) -> None:
    """Let a fresh audio encoder begin at the level of the lip codes, silent elsewhere."""
    block = list(generator.audio_encoder.children())[-1]
    assert isinstance(block, ConvBlock)
    norm = _norm(block)
    with torch.no_grad():
        norm.bias[:CODES], norm.weight[:CODES] = LEVEL, 0.6
        norm.bias[CODES:], norm.weight[CODES:] = -0.5, 0.1


@torch.no_grad()
def initialise_reference_copy(generator: FaceGenerator) -> None:
    """Let the outermost layers carry the reference through, so that training starts at a copy.

    One channel a colour: from the first convolution over the outermost skip to the last one.
    """
    face, head, last = _outer_layers(generator)
    first, joined = _convolution(face), _convolution(head)
    before = joined.in_channels - first.out_channels
    kept = first.weight[:, COLOURS:].abs().sum((1, 2, 3)).argsort()
    used = last.weight.abs().sum((0, 2, 3)).argsort()
    assert last.bias is not None
    last.weight.mul_(REST_GAIN)
    for colour in range(COLOURS):
        entry, exit_ = int(kept[colour]), int(used[colour])
        _carry(face, entry, COLOURS + colour)
        _carry(head, exit_, before + entry)
        last.weight[:, exit_] = 0
        last.weight[colour, exit_] = COPY_GAIN
        last.bias[colour] = -COPY_GAIN / 2


def freeze_outer_norms(generator: nn.Module) -> None:
    """Keep the outermost norms at their running figures: a batch's own would change the copy."""
    assert isinstance(generator, FaceGenerator)
    face, head, _ = _outer_layers(generator)
    _norm(face).eval()
    _norm(head).eval()


def _outer_layers(generator: FaceGenerator) -> tuple[ConvBlock, ConvBlock, nn.Conv2d]:
    """The first convolution of the face, the head's, and the last one."""
    face = next(generator.face_encoder_blocks[0].children())
    head, last = list(generator.output_block.children())[:2]
    assert isinstance(face, ConvBlock)
    assert isinstance(head, ConvBlock)
    assert isinstance(last, nn.Conv2d)
    return face, head, last


def _carry(block: ConvBlock, output: int, channel: int) -> None:
    """Make one output channel of a block a copy of one of its inputs."""
    convolution, norm = _convolution(block), _norm(block)
    assert convolution.bias is not None
    assert norm.running_mean is not None
    assert norm.running_var is not None
    middle = convolution.kernel_size[0] // 2
    convolution.weight[output] = 0
    convolution.weight[output, channel, middle, middle] = 1
    convolution.bias[output] = 0
    norm.weight[output], norm.bias[output] = 1, 0
    norm.running_mean[output], norm.running_var[output] = 0, 1 - norm.eps


def _convolution(block: ConvBlock) -> nn.Conv2d:
    convolution = next(block.conv_block.children())
    assert isinstance(convolution, nn.Conv2d)
    return convolution


def _norm(block: ConvBlock) -> nn.BatchNorm2d:
    norm = list(block.conv_block.children())[1]
    assert isinstance(norm, nn.BatchNorm2d)
    return norm
