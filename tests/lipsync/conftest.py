"""Small models with lively weights, and one real face."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from lipsync.audio import AudioForm
from lipsync.crops import Image, crop
from lipsync.engine import FaceItem
from lipsync.generator import FaceGenerator, Generator

FACE_BOX = (172.3, 68.2, 274.9, 186.0)
"""Where the face is in the astronaut's picture."""


@pytest.fixture(scope="session")
def photograph() -> Image:
    """(512, 512, 3) BGR, the astronaut of scikit-image (public domain)."""
    with resources.as_file(resources.files("skimage") / "data" / "astronaut.png") as path:
        picture = cv2.imread(str(path))
    assert picture is not None
    return picture


def enliven(model: nn.Module, seed: int = 0) -> nn.Module:
    """Give every parameter and norm statistic a value that shows when it is mishandled.

    Weights are scaled to keep the signal's size, so that the output is a picture and not grey.
    """
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            fan = module.weight[0].numel()
            module.weight.data.normal_(0, (2 / fan) ** 0.5, generator=generator)
            if module.bias is not None:
                module.bias.data.normal_(0, 0.1, generator=generator)
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.7, 1.5, generator=generator)
            module.weight.data.uniform_(0.5, 0.9, generator=generator)
            module.bias.data.normal_(0, 0.1, generator=generator)
    return model.eval()


@pytest.fixture(scope="session")
def small() -> Generator:
    """A narrow Wav2Lip generator."""
    model = Generator(width=0.125)
    enliven(model)
    return model


@pytest.fixture
def make_items(photograph: Image) -> Callable[..., list[FaceItem]]:
    """A function that makes faces with sound for a model."""

    def make(model: FaceGenerator, count: int, seed: int = 0) -> list[FaceItem]:
        rng = np.random.default_rng(seed)
        form: AudioForm = model.form
        items = []
        for _ in range(count):
            box = np.array(FACE_BOX) + rng.normal(size=4) * 4
            mel = rng.uniform(-4, 4, (1, *form.shape())).astype(np.float32)
            items.append(FaceItem(crop(photograph, box, model.size), torch.from_numpy(mel)))
        return items

    return make
