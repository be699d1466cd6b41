from __future__ import annotations

import torch

from lipsync.speech2vid import Speech2Vid
from tests.lipsync.test_generator import output_shapes


def test_every_block_has_its_shape() -> None:
    model = Speech2Vid().eval()
    encoder, decoder = (
        output_shapes(blocks) for blocks in (model.face_encoder_blocks, model.face_decoder_blocks)
    )
    with torch.inference_mode():
        out = model(torch.zeros(1, 1, 80, 16), torch.zeros(1, 6, 96, 96))
    sides = [(32, 96), (64, 48), (128, 24), (256, 12), (512, 6), (512, 3), (512, 1)]
    assert encoder == [(c, s, s) for c, s in sides]
    sides = [(512, 1), (512, 3), (512, 6), (256, 12), (128, 24), (64, 48), (32, 96)]
    assert decoder == [(c, s, s) for c, s in sides]
    assert out.shape == (1, 3, 96, 96)


def test_it_sees_no_pose_prior() -> None:
    model = Speech2Vid(width=0.125).eval()
    mels, faces = torch.rand(1, 1, 80, 16), torch.rand(1, 6, 96, 96)
    blind, other = faces.clone(), faces.clone()
    blind[:, :3] = 0
    other[:, 3:] = 0
    with torch.inference_mode():
        out = model(mels, faces)
        assert out.shape == (1, 3, 96, 96)
        assert torch.equal(out, model(mels, blind))
        assert not torch.equal(out, model(mels, other))


def test_it_has_two_skips_besides_the_embedding() -> None:
    maps = Speech2Vid(width=0.125).eval().encode(torch.rand(1, 6, 96, 96))
    joined = [tuple(x.shape[2:]) for x in maps if x.shape[1] > 0]
    assert joined == [(24, 24), (12, 12), (1, 1)]
