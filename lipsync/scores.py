"""Sync scores from embeddings: offset, LSE-D and LSE-C.

Definitions as in the published evaluation (thesis chapter 3; SyncNet's ``evaluate``): every
window of pictures is compared with the sound at each shift, distances are averaged over time,
and the least of them is LSE-D.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from lipsync.errors import ScoreError

PUBLISHED_WINDOW = 15
"""Shifts tried on either side, in frames."""


@dataclass(frozen=True)
class SyncScore:
    """How well lips and sound fit."""

    offset: int
    """Frames by which the sound runs ahead of the picture; negative when it lags."""
    distance: float
    """LSE-D, lower is better: the least mean distance over all shifts."""
    confidence: float
    """LSE-C, higher is better: the median over the shifts, less the least."""


def shift_distances(
    video: Tensor, audio: Tensor, *, window: int = PUBLISHED_WINDOW, pad: bool = True
) -> Tensor:
    """Mean L2 distance at each shift.

    Args:
        video: (N, E) embeddings, one a frame.
        audio: (N, E) embeddings of the windows of sound that start with the same frames.
        window: shifts tried on either side.
        pad: compare with zero embeddings beyond the ends of the sound, as the published code
            does; otherwise only pairs that exist count.

    Returns:
        (2·window + 1,); entry k compares frame i with sound i + k − window.

    Raises:
        ScoreError: not two equal (N, E) shapes, not finite, or too short for the shifts.
    """
    if video.ndim != 2 or video.shape != audio.shape:
        raise ScoreError(
            f"embeddings must have one shape (N, E), got {tuple(video.shape)} "
            f"and {tuple(audio.shape)}"
        )
    frames = video.shape[0]
    if window < 1 or frames == 0 or (frames <= window and not pad):
        raise ScoreError(f"{frames} frames are too few for shifts of up to {window} frames")
    if not bool(torch.isfinite(video).all() and torch.isfinite(audio).all()):
        raise ScoreError("embeddings hold NaN or infinite values")
    padded = functional.pad(audio, (0, 0, window, window))
    means = []
    for shift in range(-window, window + 1):
        distances = functional.pairwise_distance(video, padded[window + shift :][:frames])
        if not pad:
            distances = distances[max(0, -shift) : frames - max(0, shift)]
        means.append(distances.mean())
    return torch.stack(means)


def sync_scores(
    video: Tensor, audio: Tensor, *, window: int = PUBLISHED_WINDOW, pad: bool = True
) -> SyncScore:
    """Offset, LSE-D and LSE-C of one clip; arguments and errors as in ``shift_distances``."""
    means = shift_distances(video, audio, window=window, pad=pad)
    least, at = means.min(0)
    return SyncScore(
        offset=window - int(at),
        distance=float(least),
        confidence=float(means.median() - least),
    )
