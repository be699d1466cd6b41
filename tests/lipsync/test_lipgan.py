from __future__ import annotations

import pytest
import torch

from lipsync.errors import ShapeError
from lipsync.lipgan import LipGan, LipGanDiscriminator, Sound, contrastive_loss
from tests.lipsync.test_generator import output_shapes

# Thesis chapter 2: channels and side after each block.
ENCODER = [(32, 96), (64, 48), (128, 24), (256, 12), (512, 6), (512, 3), (512, 1)]
DECODER = [(1024, 1), (512, 3), (512, 6), (256, 12), (128, 24), (64, 48), (32, 96)]
MFCC_AUDIO = [(128, 12, 35), (256, 13, 18), (512, 7, 9), (512, 4, 5), (512, 1, 1)]
SHAPES: dict[Sound, tuple[int, int]] = {"mfcc": (12, 35), "mel": (80, 27)}


def test_every_block_has_the_shape_of_the_tables() -> None:
    model = LipGan(sound="mfcc").eval()
    encoder = output_shapes(model.face_encoder_blocks)
    decoder = output_shapes(model.face_decoder_blocks)
    audio = output_shapes(model.audio_encoder)
    with torch.inference_mode():
        out = model(torch.zeros(1, 1, 12, 35), torch.zeros(1, 6, 96, 96))
    assert encoder == [(c, s, s) for c, s in ENCODER]
    decoder[0] = (2 * decoder[0][0], *decoder[0][1:])  # sound, to be joined with the face
    assert decoder == [(c, s, s) for c, s in DECODER]
    blocks = [s for s in dict.fromkeys(audio) if s[0] != 128 or s == (128, 12, 35)]
    assert blocks == MFCC_AUDIO
    assert out.shape == (1, 3, 96, 96)


@pytest.mark.parametrize("sound", SHAPES)
def test_both_forms_of_sound(sound: Sound) -> None:
    generator = LipGan(width=0.125, sound=sound).eval()
    judge = LipGanDiscriminator(width=0.125, sound=sound)
    sounds = torch.rand(2, 1, *SHAPES[sound])
    faces = generator(sounds, torch.rand(2, 6, 96, 96))
    distance = judge(sounds, faces)
    assert faces.shape == (2, 3, 96, 96)
    assert distance.shape == (2,)
    assert torch.allclose(judge.embed_faces(faces).norm(dim=1), torch.ones(2), atol=1e-5)
    assert bool(((distance >= 0) & (distance <= 2)).all())
    distance.sum().backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in generator.parameters())


def test_the_mel_form_comes_down_to_one_place() -> None:
    model = LipGan(sound="mel").eval()
    audio = output_shapes(model.audio_encoder)
    with torch.inference_mode():
        model(torch.zeros(1, 1, 80, 27), torch.zeros(1, 6, 96, 96))
    shapes = [(32, 80, 27), (64, 27, 9), (128, 9, 9), (256, 3, 3), (512, 1, 1)]
    assert [*dict.fromkeys(audio)] == shapes


# Channels, rows and columns behind each change of the sound's map.
JUDGED: dict[Sound, list[tuple[int, int, int]]] = {
    "mfcc": [(256, 13, 18), (512, 7, 9), (512, 4, 5), (512, 1, 1)],
    "mel": [(128, 27, 9), (256, 9, 9), (512, 3, 3), (512, 1, 1)],
}


@pytest.mark.parametrize("sound", SHAPES)
def test_discriminators_encoders_follow_the_table(sound: Sound) -> None:
    judge = LipGanDiscriminator(sound=sound).eval()
    faces, audio = output_shapes(judge.face_encoder), output_shapes(judge.audio_encoder)
    with torch.inference_mode():
        judge(torch.zeros(1, 1, *SHAPES[sound]), torch.rand(1, 3, 96, 96))
    sides = [(64, 48), (128, 24), (256, 12), (512, 6), (512, 3), (512, 1)]
    assert faces == [(c, s, s) for c, s in sides]
    assert audio[0] == (64, *SHAPES[sound])
    assert [*dict.fromkeys(audio)][-4:] == JUDGED[sound]


def test_contrastive_loss_pulls_synced_pairs_and_pushes_others() -> None:
    distance = torch.tensor([0.5, 0.5], requires_grad=True)
    loss = contrastive_loss(distance, torch.tensor([1.0, 0.0]))
    assert loss.item() == pytest.approx((0.5**2 + 1.5**2) / 4)  # 1/2N with N = 2
    loss.backward()
    assert distance.grad is not None
    assert distance.grad[0] > 0  # descent shortens the synced pair's distance
    assert distance.grad[1] < 0
    assert contrastive_loss(torch.tensor([2.0]), torch.tensor([0.0])).item() == 0


def test_wrong_input_is_named() -> None:
    with pytest.raises(ShapeError, match="sound"):
        LipGan(width=0.125, sound="wav")  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="sounds"):
        LipGanDiscriminator(width=0.125).embed_audio(torch.zeros(1, 1, 80, 16))
