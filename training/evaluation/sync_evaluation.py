"""Real, unsynced and generated video before the judges of sync."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from training.data.excerpts import faces_of
from training.data.packed import Track
from training.evaluation.inference import Maker
from training.evaluation.sync_scorers import Judge, scene_of, score


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pair and its scores by one judge."""

    judge: str
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
class Trial:
    """A pair's pictures beside what the judges say of them."""

    verdicts: tuple[Verdict, ...]
    real: Tensor
    """(N, 3, S, S)."""
    made: Tensor


def judge_pair(video: Track, sound: Track, judges: Sequence[Judge], maker: Maker) -> Trial:
    """Let a video speak a sound that is no longer than it."""
    faces = faces_of(video, len(sound), size=maker.model.size)
    made = maker.make(faces, faces, sound)
    return Trial(tuple(_verdict(each, video, sound, faces, made) for each in judges), faces, made)


def _verdict(judge: Judge, video: Track, sound: Track, faces: Tensor, made: Tensor) -> Verdict:
    real, unsynced, generated = (
        score(judge, scene)
        for scene in (scene_of(video), scene_of(sound, faces), scene_of(sound, made))
    )
    return Verdict(
        judge=judge.name,
        video=video.name,
        sound=sound.name,
        source=video.source,
        frames=len(faces),
        real_distance=real.distance,
        real_confidence=real.confidence,
        unsynced_distance=unsynced.distance,
        unsynced_confidence=unsynced.confidence,
        generated_distance=generated.distance,
        generated_confidence=generated.confidence,
    )


def means(verdicts: Iterable[Verdict], judge: str) -> dict[str, float]:
    """Mean scores by one judge, and `way`: the part from unsynced to real that was come."""
    ours = [asdict(verdict) for verdict in verdicts if verdict.judge == judge]
    names = [
        f"{kind}_{what}"
        for kind in ("real", "unsynced", "generated")
        for what in ("distance", "confidence")
    ]
    found = {name: float(np.mean([each[name] for each in ours])) for name in names}
    for what in ("distance", "confidence"):
        whole = found[f"real_{what}"] - found[f"unsynced_{what}"]
        come = found[f"generated_{what}"] - found[f"unsynced_{what}"]
        found[f"way_{what}"] = come / whole if abs(whole) > 1e-9 else float("nan")
    return {**found, "pairs": float(len(ours))}


def write(path: Path, verdicts: Sequence[Verdict]) -> None:
    """One line a pair and judge, as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(verdicts[0])))
        writer.writeheader()
        writer.writerows(asdict(verdict) for verdict in verdicts)
