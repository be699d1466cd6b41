"""How alike are two pictures, two mouths, two sets of pictures? PSNR, SSIM, LMD, FID."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from f2f.errors import InputError

Floats = npt.NDArray[np.float64]

SSIM_WINDOW = 11
SSIM_SIGMA = 1.5
"""Of the Gaussian window, pixels (Wang et al., 2004)."""
SSIM_K1, SSIM_K2 = 0.01, 0.03


def psnr(generated: Tensor, real: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each picture, dB.

    Args:
        generated: (N, C, H, W) in [0, 1].
        real: the same shape.

    Returns:
        (N,); infinite where the pictures are equal.
    """
    _check_alike(generated, real)
    return -10 * torch.log10((generated - real).square().flatten(1).mean(1))


def ssim(generated: Tensor, real: Tensor) -> Tensor:
    """Structural similarity of each picture with a Gaussian window (Wang et al., 2004).

    Args:
        generated: (N, C, H, W) in [0, 1], H and W at least 11.
        real: the same shape.

    Returns:
        (N,), the mean over all places where the whole window fits, and over channels.
    """
    _check_alike(generated, real)
    if min(generated.shape[-2:]) < SSIM_WINDOW:
        raise InputError(f"SSIM needs pictures of {SSIM_WINDOW} pixels or more")
    place = torch.arange(SSIM_WINDOW, dtype=torch.float64) - SSIM_WINDOW // 2
    line = torch.exp(-place.square() / (2 * SSIM_SIGMA**2))
    line /= line.sum()
    window = torch.outer(line, line)[None, None].float()
    a, b = (x.float().flatten(0, 1)[:, None] for x in (generated, real))  # (N·C, 1, H, W)

    def mean(x: Tensor) -> Tensor:
        return functional.conv2d(x, window)

    mean_a, mean_b = mean(a), mean(b)
    var_a = mean(a * a) - mean_a**2
    var_b = mean(b * b) - mean_b**2
    covariance = mean(a * b) - mean_a * mean_b
    c1, c2 = SSIM_K1**2, SSIM_K2**2
    similar = ((2 * mean_a * mean_b + c1) * (2 * covariance + c2)) / (
        (mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)
    )
    return similar.reshape(*generated.shape[:2], -1).mean((1, 2))


def landmark_distance(generated: Tensor, real: Tensor) -> Tensor:
    """LMD: mean distance of lip landmarks after the mean place of each mouth is taken away.

    Args:
        generated: (N, L, 2) pixels.
        real: the same shape.

    Returns:
        (N,) in pixels (Chen et al., 2018).
    """
    _check_alike(generated, real)
    apart = (generated - generated.mean(1, keepdim=True)) - (real - real.mean(1, keepdim=True))
    distance: Tensor = torch.linalg.vector_norm(apart, dim=-1).mean(1)
    return distance


def frechet_distance(generated: Floats, real: Floats) -> float:
    """FID of two sets of features (Heusel et al., 2017): ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½).

    Args:
        generated: (N, D).
        real: (M, D).

    Raises:
        InputError: fewer than two pictures on either side.
    """
    if min(len(generated), len(real)) < 2 or generated.shape[1] != real.shape[1]:
        raise InputError(f"FID of {generated.shape} and {real.shape} features is not defined")
    difference = generated.mean(0) - real.mean(0)
    # tr((Σ₁Σ₂)^½) is the nuclear norm of X₁ X₂ᵀ for centred X with Σ = XᵀX: exact, and
    # cheap while there are fewer pictures than features.
    x, y = (
        (part - part.mean(0)) / math.sqrt(len(part) - 1)
        for part in (np.asarray(generated, np.float64), np.asarray(real, np.float64))
    )
    root = float(np.linalg.svd(x @ y.T, compute_uv=False).sum())
    return float(difference @ difference + (x**2).sum() + (y**2).sum() - 2 * root)


def _check_alike(generated: Tensor, real: Tensor) -> None:
    if generated.shape != real.shape or generated.numel() == 0:
        raise InputError(f"cannot compare {tuple(generated.shape)} with {tuple(real.shape)}")
