from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from lipsync.errors import ScoreError
from lipsync.scores import shift_distances, sync_scores


def published(video: torch.Tensor, audio: torch.Tensor, vshift: int) -> tuple[int, float, float]:
    """The published SyncNet evaluation, frame by frame."""
    padded = functional.pad(audio, (0, 0, vshift, vshift))
    width = 2 * vshift + 1
    columns = [
        functional.pairwise_distance(video[[i]].repeat(width, 1), padded[i : i + width])
        for i in range(len(video))
    ]
    means = torch.stack(columns, 1).mean(1)
    least, at = means.min(0)
    return vshift - int(at), float(least), float(means.median() - least)


@pytest.mark.parametrize("window", [3, 15])
def test_scores_equal_the_published_evaluation(window: int) -> None:
    generator = torch.Generator().manual_seed(0)
    video = torch.randn(40, 64, generator=generator)
    audio = 0.7 * video.roll(2, 0) + 0.3 * torch.randn(40, 64, generator=generator)
    ours = sync_scores(video, audio, window=window)
    offset, distance, confidence = published(video, audio, window)
    assert ours.offset == offset == -2
    assert ours.distance == pytest.approx(distance, rel=1e-5)
    assert ours.confidence == pytest.approx(confidence, rel=1e-4)


@pytest.mark.parametrize("lag", [-5, 0, 4])
def test_offset_is_positive_when_the_sound_runs_ahead(lag: int) -> None:
    video = torch.eye(60)
    audio = video.roll(lag, 0)  # sound k + lag belongs to picture k
    assert sync_scores(video, audio).offset == -lag


def test_without_padding_only_real_pairs_count() -> None:
    video = torch.ones(20, 8)
    means = shift_distances(video, video, window=15, pad=False)
    assert torch.allclose(means, torch.zeros(31), atol=1e-4)
    assert shift_distances(video, video, window=15)[0] > 1


@pytest.mark.parametrize(
    ("video", "audio"),
    [
        (torch.zeros(0, 8), torch.zeros(0, 8)),
        (torch.zeros(20, 8), torch.zeros(21, 8)),
        (torch.zeros(20, 8), torch.zeros(20, 9)),
        (torch.zeros(20), torch.zeros(20)),
        (torch.full((20, 8), float("nan")), torch.zeros(20, 8)),
    ],
)
def test_bad_embeddings_are_refused(video: torch.Tensor, audio: torch.Tensor) -> None:
    with pytest.raises(ScoreError):
        sync_scores(video, audio)


def test_too_few_frames_for_the_shifts_are_refused() -> None:
    with pytest.raises(ScoreError, match="too few"):
        sync_scores(torch.zeros(10, 8), torch.zeros(10, 8), pad=False)
