"""Every packed track's offset as a sync expert finds it."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from lipsync import checkpoint
from training.data import offsets
from training.data.packed import Track, every_track
from training.evaluation.sync_scorers import ExpertScorer, scene_of

log = logging.getLogger(__name__)


def distance_curves(folder: Path, expert: ExpertScorer) -> tuple[list[Track], list[Tensor | None]]:
    """Every packed track, uncorrected, and its `training.data.offsets.distance_curve`."""
    uncorrected = [replace(track, offset=0) for track in every_track(folder)]
    curves = []
    for number, track in enumerate(uncorrected, 1):
        long_enough = len(track) - expert.frames + 1 > 2 * offsets.MAX_SHIFT
        embeddings = expert.raw_embeddings(scene_of(track)) if long_enough else None
        curves.append(offsets.distance_curve(*embeddings) if embeddings else None)
        if number % 100 == 0:
            log.info("%d of %d tracks", number, len(uncorrected))
    return uncorrected, curves


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m training offsets`."""
    command = commands.add_parser("offsets", help="estimate and correct every track's offset")
    command.add_argument("packed", type=Path)
    command.add_argument("--expert", type=Path, required=True, help="checkpoint of an expert")
    command.add_argument("--least", type=float, default=0.05, help="confidence to be kept")
    command.set_defaults(act=_act)


def _act(options: argparse.Namespace) -> int:
    expert = ExpertScorer(checkpoint.load_expert(options.expert).model)
    curves = distance_curves(options.packed, expert)
    estimates = offsets.estimate_offsets(*curves, least=options.least)
    offsets.write(options.packed, estimates)
    print(offsets.table(estimates))
    return 0
