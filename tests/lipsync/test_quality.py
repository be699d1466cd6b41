from __future__ import annotations

import pytest
import torch

from lipsync.errors import ShapeError
from lipsync.quality import QualityDiscriminator
from tests.lipsync.conftest import enliven
from tests.lipsync.test_generator import output_shapes

# The published weights: channels, rows and columns behind each block.
BLOCKS = [
    (32, 48, 96),
    (64, 48, 48),
    (128, 24, 24),
    (256, 12, 12),
    (512, 6, 6),
    (512, 3, 3),
    (512, 1, 1),
]


def test_parameter_count_is_the_published_one() -> None:
    assert sum(p.numel() for p in QualityDiscriminator().parameters()) == 14_113_793


def test_every_block_has_the_published_shape() -> None:
    model = QualityDiscriminator().eval()
    shapes = output_shapes(model.face_encoder_blocks)
    with torch.inference_mode():
        model(torch.zeros(1, 3, 96, 96))
    assert shapes == BLOCKS


@pytest.mark.parametrize("size", [96, 192])
def test_one_probability_a_face(size: int) -> None:
    model = QualityDiscriminator(width=0.125, size=size)
    faces = torch.rand(2, 3, 3, size, size)
    probability = model(faces)
    assert probability.shape == (2, 3)
    assert bool(((probability >= 0) & (probability <= 1)).all())
    assert torch.allclose(probability[1], model(faces[1]), atol=1e-6)


def test_only_the_lower_half_is_judged() -> None:
    model = enliven(QualityDiscriminator(width=0.125))
    faces = torch.rand(1, 3, 96, 96)
    upper, lower = faces.clone(), faces.clone()
    upper[:, :, :48] = 0
    lower[:, :, 48:] = 0
    assert torch.equal(model(faces), model(upper))
    assert not torch.equal(model(faces), model(lower))


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ShapeError, match="faces"):
        QualityDiscriminator(width=0.125)(torch.zeros(1, 3, 48, 96))
