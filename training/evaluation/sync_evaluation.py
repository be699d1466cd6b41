"""Sync scores of real, unsynced and generated video, by each scorer."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from training.data.excerpts import faces_of
from training.data.packed import Track
from training.evaluation.inference import Inference
from training.evaluation.sync_scorers import SyncScorer, scene_of, score

KINDS = ("real", "unsynced", "generated")
SCORES = ("distance", "confidence")


@dataclass(frozen=True, slots=True)
class SyncResult:
    """One pair and its scores by one scorer."""

    scorer: str
    video: str
    sound: str
    source: str
    frames: int
    real_distance: float
    real_confidence: float
    unsynced_distance: float
    unsynced_confidence: float
    generated_distance: float
    generated_confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class PairEvaluation:
    """A pair's pictures beside its scores."""

    results: tuple[SyncResult, ...]
    real: Tensor
    """(N, 3, S, S)."""
    generated: Tensor


def evaluate_pair(
    video: Track, sound: Track, scorers: Sequence[SyncScorer], inference: Inference
) -> PairEvaluation:
    """Let a video speak a sound that is no longer than it."""
    real = faces_of(video, len(sound), size=inference.model.size)
    generated = inference.generate(real, real, sound)
    results = (_result(scorer, video, sound, real, generated) for scorer in scorers)
    return PairEvaluation(tuple(results), real, generated)


def _result(
    scorer: SyncScorer, video: Track, sound: Track, faces: Tensor, generated: Tensor
) -> SyncResult:
    scenes = (scene_of(video), scene_of(sound, faces), scene_of(sound, generated))
    scores = {
        f"{kind}_{name}": getattr(found, name)
        for kind, found in zip(KINDS, (score(scorer, scene) for scene in scenes), strict=True)
        for name in SCORES
    }
    return SyncResult(
        scorer=scorer.name,
        video=video.name,
        sound=sound.name,
        source=video.source,
        frames=len(faces),
        **scores,
    )


def means(results: Iterable[SyncResult], scorer: str) -> dict[str, float]:
    """Mean scores by one scorer, and `gap_closed`: the part of the way from unsynced to real."""
    rows = [asdict(result) for result in results if result.scorer == scorer]
    found = {
        f"{kind}_{name}": float(np.mean([row[f"{kind}_{name}"] for row in rows]))
        for kind in KINDS
        for name in SCORES
    }
    for name in SCORES:
        gap = found[f"real_{name}"] - found[f"unsynced_{name}"]
        closed = found[f"generated_{name}"] - found[f"unsynced_{name}"]
        found[f"gap_closed_{name}"] = closed / gap if abs(gap) > 1e-9 else float("nan")
    return {**found, "pairs": float(len(rows))}


def write(path: Path, results: Sequence[SyncResult]) -> None:
    """One line a pair and scorer, as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(results[0])))
        writer.writeheader()
        writer.writerows(asdict(result) for result in results)
