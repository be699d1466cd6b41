from __future__ import annotations

import pytest
import torch
from torch import nn

from lipsync.errors import ShapeError
from lipsync.generator import Generator

# Thesis chapter 3 and the published code: channels and side of each block's output.
ENCODER = [(16, 96), (32, 48), (64, 24), (128, 12), (256, 6), (512, 3), (512, 1)]
DECODER = [(512, 1), (512, 3), (512, 6), (384, 12), (256, 24), (128, 48), (64, 96)]
AUDIO = {2: (32, 80, 16), 5: (64, 27, 16), 8: (128, 9, 6), 10: (256, 3, 3), 12: (512, 1, 1)}


def output_shapes(modules: nn.ModuleList | nn.Sequential) -> list[tuple[int, ...]]:
    """A list that fills with each module's output shape, without the batch, as the model runs."""
    shapes: list[tuple[int, ...]] = []
    for module in modules:
        module.register_forward_hook(lambda _m, _i, out: shapes.append(tuple(out.shape[1:])))
    return shapes


def test_every_block_has_the_shape_of_the_tables() -> None:
    model = Generator().eval()
    encoder = output_shapes(model.face_encoder_blocks)
    decoder = output_shapes(model.face_decoder_blocks)
    audio = output_shapes(model.audio_encoder)
    with torch.inference_mode():
        out = model(torch.zeros(1, 1, 80, 16), torch.zeros(1, 6, 96, 96))
    assert encoder == [(c, s, s) for c, s in ENCODER]
    assert decoder == [(c, s, s) for c, s in DECODER]
    assert {n: audio[n] for n in AUDIO} == AUDIO
    assert out.shape == (1, 3, 96, 96)


def test_parameter_count_is_the_published_one() -> None:
    assert sum(p.numel() for p in Generator().parameters()) == 36_298_035


def test_time_folds_into_the_batch(small: Generator) -> None:
    mels, faces = torch.rand(2, 3, 1, 80, 16), torch.rand(2, 3, 6, 96, 96)
    with torch.inference_mode():
        together = small(mels, faces)
        apart = small(mels[1, 2:], faces[1, 2:])
    assert together.shape == (2, 3, 3, 96, 96)
    assert torch.allclose(together[1, 2], apart[0], atol=1e-5)


@pytest.mark.parametrize("size", [96, 192])
def test_larger_faces_come_from_the_same_definition(size: int) -> None:
    model = Generator(width=0.125, size=size).eval()
    with torch.inference_mode():
        out = model(torch.rand(1, 1, 80, 16), torch.rand(1, 6, size, size))
    assert out.shape == (1, 3, size, size)
    assert 0 <= float(out.min()) <= float(out.max()) <= 1


def test_width_scales_every_block() -> None:
    full, half = Generator(), Generator(width=0.5)
    for wide, narrow in zip(full.parameters(), half.parameters(), strict=True):
        if wide.shape[0] > 3:
            assert narrow.shape[0] == wide.shape[0] // 2
    assert [*full.state_dict()] == [*half.state_dict()]


def test_both_inputs_and_both_faces_matter(small: Generator) -> None:
    mels, faces = torch.rand(1, 1, 80, 16), torch.rand(1, 6, 96, 96)
    with torch.inference_mode():
        base = small(mels, faces)
        assert not torch.equal(base, small(mels + 1, faces))
        for half in (slice(0, 3), slice(3, 6)):
            other = faces.clone()
            other[:, half] = 0
            assert not torch.equal(base, small(mels, other))


@pytest.mark.parametrize(
    ("mels", "faces"),
    [
        ((1, 1, 80, 15), (1, 6, 96, 96)),
        ((1, 80, 16), (1, 6, 96, 96)),
        ((1, 1, 80, 16), (1, 3, 96, 96)),
        ((1, 1, 80, 16), (1, 6, 96, 97)),
        ((2, 1, 80, 16), (1, 6, 96, 96)),
        ((1, 4, 1, 80, 16), (1, 5, 6, 96, 96)),
        ((1, 1, 80, 16), (6, 96, 96)),
    ],
)
def test_wrong_shapes_are_named(
    small: Generator, mels: tuple[int, ...], faces: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError, match="must have shape"):
        small(torch.zeros(mels), torch.zeros(faces))


@pytest.mark.parametrize("size", [0, -96, 48, 100, 288])
def test_impossible_sizes_are_refused(size: int) -> None:
    with pytest.raises(ShapeError, match="face size"):
        Generator(width=0.125, size=size)


@pytest.mark.parametrize("width", [0.0, -1.0, float("nan")])
def test_impossible_widths_are_refused(width: float) -> None:
    with pytest.raises(ShapeError, match="width"):
        Generator(width=width)
