"""Similarity matrices and their figures against loops."""

from __future__ import annotations

import math

import pytest
import torch

from training.similarity import accuracy, centred, cosines, rank


@pytest.mark.parametrize("shape", [(3, 16), (2, 3, 16)])
def test_cosines_match_torch(shape: tuple[int, ...]) -> None:
    video, audio = torch.rand(shape), torch.rand(shape)
    expected = torch.cosine_similarity(video[..., :, None, :], audio[..., None, :, :], dim=-1)
    torch.testing.assert_close(cosines(video, audio), expected)


@pytest.mark.parametrize("apart", [1, 3])
def test_rank_and_accuracy_count_pairs(apart: int) -> None:
    matrices = torch.rand(2, 5, 5, generator=torch.Generator().manual_seed(0))
    false = [(i, j) for i in range(5) for j in range(5) if abs(i - j) >= apart]
    higher = [bool(m[i, i] > m[i, j]) for m in matrices for i, j in false]
    assert rank(matrices, apart=apart) == pytest.approx(sum(higher) / len(higher))
    accepted = [bool(m[i, i] > 0.5) for m in matrices for i in range(5)]
    refused = [bool(m[i, j] <= 0.5) for m in matrices for i, j in false]
    expected = (sum(accepted) / len(accepted) + sum(refused) / len(refused)) / 2
    assert accuracy(matrices, apart=apart) == pytest.approx(expected)


def test_a_perfect_match_ranks_first_and_chance_is_a_half() -> None:
    assert rank(torch.eye(6)) == accuracy(torch.eye(6)) == 1
    noise = torch.rand(200, 8, 8, generator=torch.Generator().manual_seed(1))
    assert rank(noise) == pytest.approx(0.5, abs=0.03)


def test_without_false_pairs_there_is_no_figure() -> None:
    assert math.isnan(rank(torch.eye(3), apart=3)) and math.isnan(accuracy(torch.eye(3), apart=3))


def test_what_a_clip_always_shows_is_taken_away() -> None:
    embeddings = torch.randn(2, 4, 8)
    torch.testing.assert_close(centred(embeddings + 3), centred(embeddings))
    assert float(centred(embeddings).mean(-2).abs().max()) < 1e-6
