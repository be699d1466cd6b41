"""How far sound and picture of every track are apart, by embeddings of both; as LRS was made.

The estimate goes into ``offsets.json`` beside the packed tracks, and every later reader corrects
by it. A track whose sound fits nowhere (dubbed, off-screen, music) is dropped there (null).
A second of speech does not tell its offset; short tracks take that of all tracks of their source.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from lipsync.scores import shift_distances
from training.data.packed import OFFSETS, Track, replace_file
from training.similarity import centred

MAX_SHIFT = 8
"""Frames; a clip that is farther off than this is more likely dubbed than shifted."""
LONG_TRACK = 50
"""Frames from which on a track's own offset is used; shorter ones take their source's."""
MAX_DEVIATION = 3
"""Frames by which a track's offset may differ from its source's."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The offset of one track."""

    name: str
    offset: int
    """Frames by which the sound runs ahead."""
    confidence: float
    """LSE-C: how clearly one shift is better than the others."""
    kept: bool


def distance_curve(video: Tensor, audio: Tensor) -> Tensor | None:
    """How far lips and sound of a track are apart at each shift; None if it is too short.

    What stays the same in a clip is taken from its embeddings, and shifts compare real pairs
    alone: the published padding by zeros lies nearer to embeddings of unit length than a false
    sound does, so that in short clips the farthest shift would win.

    Args:
        video: (N, E), the window from each frame on.
        audio: (N, E), its sound.

    Returns:
        (2·MAX_SHIFT + 1,) as `lipsync.scores.shift_distances`.
    """
    if len(video) <= 2 * MAX_SHIFT:
        return None
    video, audio = (functional.normalize(centred(part)) for part in (video, audio))
    return shift_distances(video, audio, window=MAX_SHIFT, pad=False)


def best_shift(distances: Tensor) -> tuple[int, float]:
    """The offset, as `Track.offset` counts it, and LSE-C of a `distance_curve`."""
    least, at = distances.min(0)
    return MAX_SHIFT - int(at), float(distances.median() - least)


def estimate_offsets(
    tracks: Sequence[Track], curves: Sequence[Tensor | None], *, least: float
) -> list[Estimate]:
    """Every track's offset, from its own curve if it is long, else from its source's.

    A long track is dropped if its best shift stands out by less than `least`, or lies far from
    its source's.
    """
    return [
        _estimate(track, found, usual, least)
        for track, found, usual in zip(tracks, curves, source_offsets(tracks, curves), strict=True)
    ]


def source_offsets(tracks: Sequence[Track], curves: Sequence[Tensor | None]) -> list[Estimate]:
    """For every track the offset of all tracks of its source, from their mean curve; all kept."""
    groups: dict[str, list[Tensor]] = {}
    for track, found in zip(tracks, curves, strict=True):
        if found is not None:
            groups.setdefault(track.source, []).append(found)
    usual = {source: best_shift(torch.stack(group).mean(0)) for source, group in groups.items()}
    return [Estimate(track.name, *usual.get(track.source, (0, 0.0)), kept=True) for track in tracks]


def _estimate(track: Track, found: Tensor | None, usual: Estimate, least: float) -> Estimate:
    offset, confidence = (usual.offset, 0.0) if found is None else best_shift(found)
    if len(track) < LONG_TRACK:
        return replace(usual, confidence=confidence)
    fits = confidence >= least and abs(offset - usual.offset) <= MAX_DEVIATION
    return Estimate(track.name, offset, confidence, kept=fits)


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
