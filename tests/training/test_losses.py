"""The losses against their equations, written out in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training import losses


def test_reconstruction_is_eq_3_5() -> None:
    rng = np.random.default_rng(0)
    generated, real = rng.random((2, 5, 3, 8, 8)), rng.random((2, 5, 3, 8, 8))
    wanted = np.abs(generated - real).sum() / generated.size
    found = losses.reconstruction(torch.from_numpy(generated), torch.from_numpy(real))
    assert float(found) == pytest.approx(wanted)
    lower = np.abs(generated - real)[..., 4:, :].mean()
    found = losses.reconstruction(
        torch.from_numpy(generated), torch.from_numpy(real), lower_half=2.0
    )
    assert float(found) == pytest.approx(wanted + 2 * lower)


def test_sync_is_eq_3_6() -> None:
    p = np.array([0.9, 0.5, 0.1])
    assert float(losses.sync(torch.from_numpy(p))) == pytest.approx(-np.log(p).mean())
    assert bool(torch.isfinite(losses.sync(torch.zeros(3))))


def test_adversarial_losses_are_eq_3_7_and_3_8() -> None:
    real, generated = np.array([0.8, 0.7]), np.array([0.3, 0.2])
    gen = np.log(1 - generated).mean()
    assert float(losses.adversarial(torch.from_numpy(generated))) == pytest.approx(gen)
    found = losses.discrimination(torch.from_numpy(real), torch.from_numpy(generated))
    assert float(found) == pytest.approx(-(np.log(real).mean() + gen))


def test_adversaries_pull_against_each_other() -> None:
    generated = torch.tensor([0.4], requires_grad=True)
    losses.adversarial(generated).backward()
    assert generated.grad is not None and float(generated.grad) < 0  # descending raises D
    generated.grad = None
    losses.discrimination(torch.tensor([0.5]), generated).backward()
    assert float(generated.grad) > 0  # descending lowers it


def test_total_is_eq_3_9() -> None:
    parts = [torch.tensor(value) for value in (2.0, 3.0, -0.5)]
    found = losses.total(*parts, sync_weight=0.03, gen_weight=0.07)
    assert float(found) == pytest.approx(0.9 * 2.0 + 0.03 * 3.0 + 0.07 * -0.5)


def test_contrastive_is_cross_entropy_both_ways() -> None:
    rng = np.random.default_rng(1)
    similarity = rng.random((3, 4, 4))

    def one_way(logits: np.ndarray) -> float:
        odds = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        return float(-np.log(np.diagonal(odds, axis1=1, axis2=2)).mean())

    wanted = one_way(7 * similarity) + one_way(7 * similarity.transpose(0, 2, 1))
    assert float(losses.contrastive(torch.from_numpy(similarity), 7.0)) == pytest.approx(wanted)


def test_only_the_mouth_counts_inside_a_mask() -> None:
    generated, real = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    mask = torch.zeros(2, 1, 8, 8)
    mask[:, :, 5:7, 2:6] = 1
    wanted = (generated - real).abs()[:, :, 5:7, 2:6].mean()
    torch.testing.assert_close(losses.inside(generated, real, mask), wanted)
    assert losses.edges(generated, real, mask) > losses.edges(generated, real)
    torch.testing.assert_close(
        losses.edges(generated, real, torch.ones(2, 1, 8, 8)),
        losses.edges(generated, real) * (1 + losses.MOUTH_EDGES),
    )
