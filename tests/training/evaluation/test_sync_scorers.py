"""The scorers: rows are windows, and accuracy counts what P_sync says."""

import torch

from lipsync.audio import mel_windows
from lipsync.expert import Expert, mouth_windows, sync_probability
from training.data.packed import FPS
from training.evaluation.sync_scorers import (
    ExpertScorer,
    Scene,
    off_sync_accuracy,
    score,
    windows_of,
)


def scene(frames: int = 24, offset: int = 0) -> Scene:
    torch.manual_seed(0)
    return Scene(
        faces=torch.rand(frames, 3, 96, 96),
        mel=torch.rand(80, 120) * 8 - 4,
        samples=torch.randn(24000) / 10,
        offset=offset,
    )


def test_a_row_is_the_window_from_that_frame_with_its_own_sound():
    torch.manual_seed(1)
    expert = Expert(frames=3, width=0.125).eval()
    video, audio = ExpertScorer(expert).raw_embeddings(scene(offset=2))
    assert len(video) == len(audio) == 22
    at = 7
    with torch.no_grad():
        seen = expert.embed_faces(mouth_windows(windows_of(scene().faces, [at], 3)))
        heard = expert.embed_audio(mel_windows(scene().mel, [at - 2], FPS))
    torch.testing.assert_close(video[at : at + 1], seen, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(audio[at : at + 1], heard, atol=1e-5, rtol=1e-4)


def test_off_sync_accuracy_counts_what_p_sync_says():
    scorer = ExpertScorer(Expert(frames=5, width=0.125))
    found = off_sync_accuracy(scorer, [scene()])
    video, audio = scorer.raw_embeddings(scene())
    n, true, false, hits = len(video), [], [], []
    for i in range(n):
        p = [float(sync_probability(video[i : i + 1], audio[j : j + 1])) for j in range(n)]
        true.append(p[i])
        false += [p[j] for j in range(n) if abs(i - j) >= 5]
        hits += [p[i] > p[j] for j in range(n) if abs(i - j) >= 5]
    expected = (sum(p > 0.5 for p in true) / n + sum(p <= 0.5 for p in false) / len(false)) / 2
    assert abs(found.accuracy - expected) < 1e-4
    assert abs(found.rank - sum(hits) / len(hits)) < 0.02


def test_scores_of_unit_embeddings_end_at_the_root_of_two():
    found = score(ExpertScorer(Expert(frames=5, width=0.125)), scene())
    assert 0 <= found.distance <= 2**0.5 + 1e-5
    assert found.confidence >= 0
