from __future__ import annotations

import pytest
import torch

from lipsync.errors import ShapeError
from lipsync.syncnet import SyncNet

# The published SyncNetModel.py: places in the sequences, and weight shapes.
LIP = {0: (96, 3, 5, 7, 7), 4: (256, 96, 1, 5, 5), 8: (256, 256, 1, 3, 3), 18: (512, 256, 1, 6, 6)}
SOUND = {0: (64, 1, 3, 3), 4: (192, 64, 3, 3), 8: (384, 192, 3, 3), 18: (512, 256, 5, 4)}


def test_names_and_shapes_are_the_published_ones() -> None:
    weights = {name: tuple(t.shape) for name, t in SyncNet().state_dict().items()}
    for place, shape in LIP.items():
        assert weights[f"netcnnlip.{place}.weight"] == shape
    for place, shape in SOUND.items():
        assert weights[f"netcnnaud.{place}.weight"] == shape
    assert weights["netfclip.3.weight"] == weights["netfcaud.3.weight"] == (1024, 512)


def test_embeddings() -> None:
    model = SyncNet().eval()
    with torch.inference_mode():
        assert model.embed_faces(torch.rand(1, 3, 5, 224, 224) * 255).shape == (1, 1024)
        assert model.embed_audio(torch.rand(2, 1, 13, 20)).shape == (2, 1024)


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ShapeError, match="faces"):
        SyncNet().embed_faces(torch.zeros(1, 3, 5, 96, 96))
