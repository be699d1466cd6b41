from __future__ import annotations

import math

import pytest
import torch

from lipsync.errors import ShapeError
from lipsync.expert import Expert, mouth_windows, sync_loss, sync_probability
from tests.lipsync.test_generator import output_shapes

# The published weights: channels, rows and columns behind each change of resolution.
FACES = [(32, 48, 96), (64, 46, 47), (128, 23, 24), (256, 12, 12), (512, 6, 6), (512, 3, 3)]
# Thesis chapter 3, table of the audio encoder.
SOUNDS = [(32, 80, 16), (64, 27, 16), (128, 9, 6), (256, 3, 3), (512, 1, 1)]


def test_parameter_count_is_the_published_one() -> None:
    assert sum(p.numel() for p in Expert().parameters()) == 16_435_072


def test_every_block_has_the_shape_of_the_tables() -> None:
    expert = Expert().eval()
    faces, sounds = output_shapes(expert.face_encoder), output_shapes(expert.audio_encoder)
    with torch.inference_mode():
        expert(torch.zeros(1, 1, 80, 16), torch.zeros(1, 15, 48, 96))
    assert [*dict.fromkeys(faces)] == [*FACES, (512, 1, 1)]
    assert [*dict.fromkeys(sounds)] == SOUNDS


@pytest.mark.parametrize("frames", [1, 3, 5])
def test_windows_of_each_length(frames: int) -> None:
    expert = Expert(frames=frames, width=0.125).eval()
    faces = torch.rand(2, frames, 3, 96, 96)
    with torch.inference_mode():
        video = expert.embed_faces(mouth_windows(faces))
        audio = expert.embed_audio(torch.rand(2, 1, 80, 16))
    assert video.shape == audio.shape == (2, 64)
    assert video.min() >= 0 and audio.min() >= 0  # ReLU embeddings


def test_mouth_windows_are_lower_halves_frame_after_frame() -> None:
    faces = torch.rand(2, 5, 3, 96, 96)
    windows = mouth_windows(faces)
    assert windows.shape == (2, 15, 48, 96)
    for frame in range(5):
        assert torch.equal(windows[:, 3 * frame : 3 * frame + 3], faces[:, frame, :, 48:])


def test_larger_faces_are_judged_at_the_experts_size() -> None:
    large = torch.rand(1, 5, 3, 192, 192)
    small = large.reshape(1, 5, 3, 96, 2, 96, 2).mean((4, 6))
    assert torch.allclose(mouth_windows(large), mouth_windows(small), atol=1e-6)


def test_probability_is_the_cosine() -> None:
    video = torch.tensor([[1.0, 0.0], [3.0, 4.0], [0.0, 0.0], [2.0, 0.0]])
    audio = torch.tensor([[0.0, 1.0], [3.0, 4.0], [1.0, 1.0], [1.0, 1.0]])
    expected = torch.tensor([0.0, 1.0, 0.0, math.sqrt(0.5)])
    assert torch.allclose(sync_probability(video, audio), expected)


def test_loss_is_minus_log_probability_of_synced_pairs() -> None:
    probability = torch.tensor([0.5, 0.25])
    loss = sync_loss(probability, torch.ones(2))
    assert loss.item() == pytest.approx((math.log(2) + math.log(4)) / 2)
    assert sync_loss(probability, torch.tensor([1.0, 0.0])) < loss


def test_gradients_reach_the_picture_through_a_frozen_expert() -> None:
    expert = Expert(width=0.125).eval().requires_grad_(False)
    faces = torch.rand(1, 5, 3, 96, 96, requires_grad=True)
    probability = expert(torch.rand(1, 1, 80, 16), mouth_windows(faces))
    sync_loss(probability, torch.ones(1)).backward()
    assert faces.grad is not None
    assert faces.grad[..., 48:, :].abs().sum() > 0
    assert faces.grad[..., :48, :].abs().sum() == 0


def test_wrong_shapes_are_named() -> None:
    expert = Expert(width=0.125)
    with pytest.raises(ShapeError, match="mouths"):
        expert.embed_faces(torch.zeros(1, 9, 48, 96))
    with pytest.raises(ShapeError, match="mels"):
        expert.embed_audio(torch.zeros(1, 1, 80, 27))
    with pytest.raises(ShapeError):
        Expert(frames=0)
