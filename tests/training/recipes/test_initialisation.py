"""What a generator begins with."""

from __future__ import annotations

import torch

from lipsync.generator import Generator
from training.recipes.initialisation import freeze_outer_norms, initialise_reference_copy


def test_the_reference_is_passed_on() -> None:
    torch.manual_seed(0)
    generator = Generator(width=0.25).eval().requires_grad_(False)
    mels, faces = torch.randn(2, 1, 80, 16), torch.rand(2, 6, 96, 96)
    before = (generator(mels, faces) - faces[:, 3:]).abs().mean()
    initialise_reference_copy(generator)
    # not exact: a sigmoid bends, and the other channels still whisper
    after = (generator(mels, faces) - faces[:, 3:]).abs().mean()
    assert float(after) < 0.1 < float(before)


def test_outer_norms_are_held_and_the_others_learn() -> None:
    generator = Generator(width=0.25).train()
    freeze_outer_norms(generator)
    resting = [
        name
        for name, module in generator.named_modules()
        if isinstance(module, torch.nn.BatchNorm2d) and not module.training
    ]
    assert resting == ["face_encoder_blocks.0.0.conv_block.1", "output_block.0.conv_block.1"]
