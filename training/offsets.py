"""How far sound and picture of every track are apart, by the expert; as LRS was made.

The estimate goes into ``offsets.json`` beside the packed tracks, and every later reader corrects
by it. A track whose sound fits nowhere (dubbed, off-screen, music) is dropped there (null).
"""

from __future__ import annotations

import argparse
import json
import logging
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from lipsync import checkpoint
from lipsync.errors import LipsyncError
from lipsync.scores import SyncScore
from training.augment import PLAIN, see
from training.judge import ExpertJudge, Scene, score
from training.packed import OFFSETS, Track, every_track, replace_file

log = logging.getLogger(__name__)

FARTHEST = 10
"""Frames; a clip that is farther off than this is more likely dubbed than shifted."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the expert says of one track."""

    name: str
    offset: int
    """Frames by which the sound runs ahead."""
    confidence: float
    """LSE-C: how clearly one shift is better than the others."""
    kept: bool


def scene_of(track: Track) -> Scene:
    """A track as a judge takes it, uncorrected."""
    return Scene(
        faces=torch.from_numpy(see(track.faces[:], PLAIN, 96)),
        mel=torch.from_numpy(track.mel),
        samples=torch.from_numpy(track.samples()),
    )


def estimate(judge: ExpertJudge, track: Track, *, least: float) -> Estimate:
    """The offset of one track; it is kept if the expert is sure enough and the offset small."""
    try:
        found: SyncScore = score(judge, scene_of(track))
    except LipsyncError as error:
        log.warning("%s: %s", track.name, error)
        return Estimate(track.name, 0, 0.0, kept=False)
    # `SyncScore.offset` counts frames by which the sound runs ahead, as `Track.offset` does
    kept = found.confidence >= least and abs(found.offset) <= FARTHEST
    return Estimate(track.name, found.offset, found.confidence, kept=kept)


def write(folder: Path, estimates: list[Estimate]) -> None:
    """Write ``offsets.json``; null drops a track."""
    content = {each.name: each.offset if each.kept else None for each in estimates}
    replace_file(folder / OFFSETS, json.dumps(content, indent=0, sort_keys=True).encode())


def table(estimates: list[Estimate]) -> str:
    """How many tracks have which offset, and every track that is dropped."""
    counts = Counter(each.offset for each in estimates if each.kept)
    lines = [
        f"offset {offset:+d} frames: {count} tracks" for offset, count in sorted(counts.items())
    ]
    lines += [
        f"dropped {each.name}: confidence {each.confidence:.2f} at {each.offset:+d}"
        for each in estimates
        if not each.kept
    ]
    return "\n".join(lines)


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m training offsets`."""
    command = commands.add_parser("offsets", help="estimate and correct every track's offset")
    command.add_argument("packed", type=Path)
    command.add_argument("--expert", type=Path, required=True, help="checkpoint of an expert")
    command.add_argument("--least", type=float, default=0.05, help="confidence to be kept")
    command.set_defaults(act=_act)


def _act(chosen: argparse.Namespace) -> int:
    judge = ExpertJudge(checkpoint.load_expert(chosen.expert).model)
    uncorrected = [replace(track, offset=0) for track in every_track(chosen.packed)]
    estimates = [estimate(judge, track, least=chosen.least) for track in uncorrected]
    write(chosen.packed, estimates)
    print(table(estimates))
    return 0
