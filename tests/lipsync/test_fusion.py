from __future__ import annotations

import pytest
import torch
from torch import nn

from lipsync.fusion import LowerHalf, fold_norms
from lipsync.generator import FaceGenerator, Generator
from lipsync.lipgan import LipGan
from lipsync.speech2vid import Speech2Vid
from tests.lipsync.conftest import enliven

MODELS = [
    lambda: Generator(width=0.125),
    lambda: Generator(width=0.125, size=192),
    lambda: LipGan(width=0.125),
    lambda: LipGan(width=0.125, sound="mfcc"),
    lambda: Speech2Vid(width=0.125),
]
NAMES = ["wav2lip", "wav2lip-192", "lipgan-mel", "lipgan-mfcc", "speech2vid"]


def inputs(model: FaceGenerator) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    mels = torch.rand(2, 1, *model.form.shape(), generator=generator) * 8 - 4
    return mels, torch.rand(2, 6, model.size, model.size, generator=generator)


@pytest.mark.parametrize("make", MODELS, ids=NAMES)
def test_the_lower_half_is_the_models_own(make: type[FaceGenerator]) -> None:
    model = make()
    enliven(model)
    mels, faces = inputs(model)
    with torch.inference_mode():
        whole = model(mels, faces)
        half = LowerHalf(fold_norms(model))(mels, faces)
    assert whole.std() > 0.05  # a picture, not grey
    assert half.shape == (2, 3, model.size // 2, model.size)
    assert torch.allclose(half, whole[:, :, model.size // 2 :], atol=2e-5)


def test_no_norm_is_left_and_the_model_is_untouched(small: Generator) -> None:
    before = {name: t.clone() for name, t in small.state_dict().items()}
    folded = fold_norms(small)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in folded.modules())
    assert before.keys() == small.state_dict().keys()
    assert all(torch.equal(before[name], t) for name, t in small.state_dict().items())


def test_less_is_computed() -> None:
    """The rows left out are 31% of the published model's multiply-adds."""
    counts = []
    for wrapped in (Generator(), LowerHalf(Generator())):
        counted = 0

        def count(module: nn.Module, given: tuple[torch.Tensor], out: torch.Tensor) -> None:
            nonlocal counted
            assert isinstance(module, nn.Conv2d | nn.ConvTranspose2d)
            places = given[0] if isinstance(module, nn.ConvTranspose2d) else out
            counted += module.weight.numel() * places.shape[-1] * places.shape[-2]

        for module in wrapped.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                module.register_forward_hook(count)
        with torch.inference_mode():
            wrapped.eval()(torch.zeros(1, 1, 80, 16), torch.zeros(1, 6, 96, 96))
        counts.append(counted)
    assert counts[0] == pytest.approx(4.0e9, rel=0.02)
    assert counts[1] / counts[0] == pytest.approx(0.69, abs=0.01)
