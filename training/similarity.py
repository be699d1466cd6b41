"""Which sound goes with which picture of a clip: similarity matrices, and how good they are.

A similarity matrix (…, M, M) has a clip's M pictures in its rows and their sounds in its columns:
true pairs are the diagonal.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lipsync.expert import EPSILON


def cosines(video: Tensor, audio: Tensor) -> Tensor:
    """All cosine similarities inside each clip: (…, M, E) twice to (…, M, M)."""
    norms = video.norm(dim=-1)[..., :, None] * audio.norm(dim=-1)[..., None, :]
    similarity: Tensor = video @ audio.transpose(-1, -2) / norms.clamp_min(EPSILON)
    return similarity


def centred(embeddings: Tensor) -> Tensor:
    """(…, M, E) of one clip each, less their mean: what a person always shows tells nothing."""
    return embeddings - embeddings.mean(-2, keepdim=True)


def rank(similarity: Tensor, *, apart: int = 1) -> float:
    """Part of the false sounds that are less similar than the true one; 0.5 by chance.

    Args:
        similarity: (…, M, M).
        apart: sounds of nearer windows are neither true nor false.

    Returns:
        NaN where no two windows are so far apart.
    """
    false = _false_pairs(similarity, apart)
    higher = similarity.diagonal(dim1=-2, dim2=-1)[..., :, None] > similarity
    return float(higher[..., false].float().mean())


def accuracy(similarity: Tensor, *, apart: int = 1, threshold: float = 0.5) -> float:
    """Mean of the parts of true and of false pairs that a threshold tells apart.

    Arguments and NaN as for `rank`.
    """
    false = similarity[..., _false_pairs(similarity, apart)]
    true = similarity.diagonal(dim1=-2, dim2=-1)
    return float((true > threshold).float().mean() + (false <= threshold).float().mean()) / 2


def _false_pairs(similarity: Tensor, apart: int) -> Tensor:
    """(M, M), true for pairs of windows at least so far apart."""
    places = torch.arange(similarity.shape[-1], device=similarity.device)
    return (places[:, None] - places).abs() >= apart
