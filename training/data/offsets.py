"""How far sound and picture of every track are apart, by the expert; as LRS was made.

The estimate goes into ``offsets.json`` beside the packed tracks, and every later reader corrects
by it. A track whose sound fits nowhere (dubbed, off-screen, music) is dropped there (null).
A second of speech does not tell its offset; short tracks take that of all tracks of their source.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from lipsync import checkpoint
from lipsync.scores import shift_distances
from training.data.packed import OFFSETS, Track, every_track, replace_file
from training.evaluation.sync_scorers import ExpertJudge, scene_of
from training.losses import centred

log = logging.getLogger(__name__)

FARTHEST = 8
"""Frames; a clip that is farther off than this is more likely dubbed than shifted."""
SURE = 50
"""Frames from which on a track's own offset is believed; shorter ones take their source's."""
ASTRAY = 3
"""Frames by which a track's offset may differ from its source's."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is believed of one track."""

    name: str
    offset: int
    """Frames by which the sound runs ahead."""
    confidence: float
    """LSE-C: how clearly one shift is better than the others."""
    kept: bool


def curve(video: Tensor, audio: Tensor) -> Tensor | None:
    """How far lips and sound of a track are apart at each shift; None if it is too short.

    What stays the same in a clip is taken from its embeddings, and shifts compare real pairs
    alone: the published padding by zeros lies nearer to embeddings of unit length than a false
    sound does, so that in short clips the farthest shift would win.

    Args:
        video: (N, E), the window from each frame on.
        audio: (N, E), its sound.

    Returns:
        (2·FARTHEST + 1,) as `lipsync.scores.shift_distances`.
    """
    if len(video) <= 2 * FARTHEST:
        return None
    video, audio = (functional.normalize(centred(part)) for part in (video, audio))
    return shift_distances(video, audio, window=FARTHEST, pad=False)


def best(distances: Tensor) -> tuple[int, float]:
    """The offset, as `Track.offset` counts it, and LSE-C of a `curve`."""
    least, at = distances.min(0)
    return FARTHEST - int(at), float(distances.median() - least)


def settle(
    tracks: Sequence[Track], curves: Sequence[Tensor | None], *, least: float
) -> list[Estimate]:
    """Every track's offset, from its own curve if it is long, else from its source's.

    A long track is dropped if its best shift stands out by less than `least`, or lies far from
    its source's.
    """
    return [
        _settled(track, found, usual, least)
        for track, found, usual in zip(tracks, curves, by_source(tracks, curves), strict=True)
    ]


def by_source(tracks: Sequence[Track], curves: Sequence[Tensor | None]) -> list[Estimate]:
    """For every track the offset of all tracks of its source, from their mean curve; all kept."""
    groups: dict[str, list[Tensor]] = {}
    for track, found in zip(tracks, curves, strict=True):
        if found is not None:
            groups.setdefault(track.source, []).append(found)
    usual = {source: best(torch.stack(group).mean(0)) for source, group in groups.items()}
    return [Estimate(track.name, *usual.get(track.source, (0, 0.0)), kept=True) for track in tracks]


def _settled(track: Track, found: Tensor | None, usual: Estimate, least: float) -> Estimate:
    offset, confidence = (usual.offset, 0.0) if found is None else best(found)
    if len(track) < SURE:
        return replace(usual, confidence=confidence)
    fits = confidence >= least and abs(offset - usual.offset) <= ASTRAY
    return Estimate(track.name, offset, confidence, kept=fits)


def curves(folder: Path, judge: ExpertJudge) -> tuple[list[Track], list[Tensor | None]]:
    """Every packed track, uncorrected, and its curve."""
    uncorrected = [replace(track, offset=0) for track in every_track(folder)]
    found = []
    for number, track in enumerate(uncorrected, 1):
        long_enough = len(track) - judge.frames + 1 > 2 * FARTHEST
        found.append(curve(*judge.raw(scene_of(track))) if long_enough else None)
        if number % 100 == 0:
            log.info("%d of %d tracks", number, len(uncorrected))
    return uncorrected, found


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
    found = settle(*curves(chosen.packed, judge), least=chosen.least)
    write(chosen.packed, found)
    print(table(found))
    return 0
