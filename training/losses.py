"""The losses of the papers, eq. by eq.; P. = Prajwal's thesis on lip synthesis.

Eq. 2.1 (contrastive) lives with its model: ``lipsync.lipgan.contrastive_loss``; P_sync and its
cross-entropy in ``lipsync.expert``.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

MOUTH_EDGES = 2.0
"""Added to the weight of an edge inside a mouth's mask."""
LEAST = 1e-6
"""Probabilities are kept this far from 0, where a logarithm would end."""


def reconstruction(generated: Tensor, real: Tensor, *, lower_half: float = 0.0) -> Tensor:
    """Eq. 2.2 and 3.5: mean absolute difference.

    Args:
        generated: (…, 3, S, S).
        real: the same shape.
        lower_half: weight of the same over the lower half, in addition (0 in the papers).
    """
    difference = (generated - real).abs()
    loss = difference.mean()
    if lower_half > 0:
        loss = loss + lower_half * difference[..., difference.shape[-2] // 2 :, :].mean()
    return loss


def inside(generated: Tensor, real: Tensor, mask: Tensor) -> Tensor:
    """Mean absolute difference where the mask (…, 1, S, S) is 1; (…, 3, S, S) twice."""
    return ((generated - real).abs() * mask).sum() / (3 * mask.sum()).clamp_min(1)


def edges(generated: Tensor, real: Tensor, mask: Tensor | None = None) -> Tensor:
    """L1 between the pixel-to-pixel differences of the lower halves; (…, 3, S, S) twice.

    Args:
        mask: (…, 1, S, S), where differences count `MOUTH_EDGES` times more.
    """
    half = generated.shape[-2] // 2
    error = (generated - real)[..., half:, :]
    weight = torch.ones_like(error[..., :1, :, :])
    if mask is not None:
        weight = weight + MOUTH_EDGES * mask[..., half:, :]
    across = error.diff(dim=-1).abs() * weight[..., 1:]
    down = error.diff(dim=-2).abs() * weight[..., 1:, :]
    return across.mean() + down.mean()


def sync(probability: Tensor) -> Tensor:
    """Eq. 3.6, E_sync: the mean of −log P_sync; P_sync (N,) of generated windows."""
    return -probability.clamp_min(LEAST).log().mean()


def adversarial(probability: Tensor) -> Tensor:
    """Eq. 3.7, L_gen: E[log(1 − D(L_g))], which the generator makes small; D(L_g) (N,)."""
    return (1 - probability).clamp_min(LEAST).log().mean()


def discrimination(real: Tensor, generated: Tensor) -> Tensor:
    """Eq. 3.8, −L_disc: D makes E[log D(x)] + E[log(1 − D(L_g))] large; both (N,)."""
    return -(real.clamp_min(LEAST).log().mean() + adversarial(generated))


def total(
    recon: Tensor, sync_loss: Tensor, gen_loss: Tensor, *, sync_weight: float, gen_weight: float
) -> Tensor:
    """Eq. 3.9: (1 − s_w − s_g)·L_recon + s_w·E_sync + s_g·L_gen."""
    return (1 - sync_weight - gen_weight) * recon + sync_weight * sync_loss + gen_weight * gen_loss


def contrastive(similarity: Tensor, scale: Tensor | float) -> Tensor:
    """Multi-way matching in both directions (Chung et al., "Perfect Match", 2019).

    Args:
        similarity: (K, M, M) as in `training.similarity`.
        scale: inverse temperature.

    Returns:
        The sum of the cross-entropies picture → sound and sound → picture; 2·ln M by chance.
    """
    logits = similarity * scale
    clips, count = logits.shape[:2]
    truth = torch.arange(count, device=logits.device).repeat(clips)
    rows, columns = logits.flatten(0, 1), logits.transpose(1, 2).flatten(0, 1)
    return functional.cross_entropy(rows, truth) + functional.cross_entropy(columns, truth)
