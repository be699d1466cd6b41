"""The thesis's evaluation: how well do lips fit, how good do they look, beside the real video?

Every figure is of people and clips outside the training data when the split is `val`. Three
things are scored by each scorer: real videos with their own sound, the same videos with somebody
else's (unsynced), and what the generator makes of those pairs (generated).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from f2f import weights
from f2f.errors import InputError
from lipsync import checkpoint
from training.data import offsets
from training.data.jobs import jobs_of
from training.data.packed import OFFSETS, OK, VAL, Track, tracks
from training.data.pairs import ListForm, listed_tracks, read_list, sample_pairs
from training.data.preprocess import preprocess
from training.evaluation import sync_evaluation
from training.evaluation.contact_sheet import write_contact_sheet
from training.evaluation.expert_offsets import distance_curves
from training.evaluation.inference import Inference
from training.evaluation.picture_quality import picture_quality
from training.evaluation.summary import Summary, table
from training.evaluation.sync_evaluation import evaluate_pair
from training.evaluation.sync_scorers import (
    ExpertScorer,
    SyncNetScorer,
    SyncScorer,
    off_sync_accuracy,
    scene_of,
)

log = logging.getLogger(__name__)

SHIPPED = "shipped"
GENERATOR, EXPERT, SHORT_EXPERTS = "wav2lip-small", "sync-expert", "sync-experts-short"
"""Entries of `f2f.weights`."""
SHORTEST = 50
"""Frames; shorter clips leave too little room for shifts of ± 15, so none is scored by them."""
SHEET_CLIPS = 8


@dataclass(frozen=True, slots=True)
class Options:
    """What to evaluate, on what."""

    packed: Path
    """Folder that `training preprocess` filled."""
    out: Path
    """Folder for `pairs.csv`, `summary.json`, `summary.md` and `sheet.png`."""
    generator: Path | None = None
    """Checkpoint; None evaluates only the experts."""
    experts: tuple[Path, ...] = ()
    """Checkpoints of sync experts; the one with most frames scores the generator."""
    scorers: tuple[Path, ...] = ()
    """Further experts that score the generator, such as one that had no part in its training."""
    syncnet: Path | None = None
    """The published SyncNet, one more scorer."""
    listed: Path | None = None
    """A published list of pairs; None samples them."""
    form: ListForm = "lrs"
    split: str = VAL
    pairs: int = 60
    clips: int = 60
    """Clips for off-sync accuracy and for PSNR, SSIM and LMD."""
    seed: int = 0


def evaluate(options: Options) -> Summary:
    """Score experts and a generator; writes its files and returns the means.

    Raises:
        InputError: the packed folder has no such split, or too few clips.
    """
    rng = np.random.default_rng(options.seed)
    held_out = tracks(options.packed, options.split)
    some = by_speaker(held_out, options.clips, rng)
    corrected = (options.packed / OFFSETS).is_file()
    summary = Summary(
        options.split, offsets=f"as {OFFSETS} says" if corrected else "none corrected"
    )
    experts = _experts(options.experts)
    scenes = [scene_of(track) for track in some]
    for path, expert in zip(options.experts, experts, strict=True):
        summary.off_sync[path.stem] = off_sync_accuracy(expert, scenes)
        log.info("%s: %s", path.name, summary.off_sync[path.stem])
    options.out.mkdir(parents=True, exist_ok=True)
    if options.generator is not None:
        loaded = checkpoint.load_generator(options.generator)
        inference = Inference(loaded.model, loaded.info.mel_offset)
        scorers = list(_scorers(options, experts))
        pairs = [
            evaluate_pair(video, sound, scorers, inference)
            for video, sound in _pairs(options, held_out, rng)
        ]
        results = [result for pair in pairs for result in pair.results]
        sync_evaluation.write(options.out / "pairs.csv", results)
        summary.sync = {
            scorer.name: sync_evaluation.means(results, scorer.name) for scorer in scorers
        }
        quality = picture_quality(some, inference, pairs)
        summary.picture, summary.not_measured = quality.measures, dict(quality.not_measured)
        if options.syncnet is None:
            summary.not_measured["syncnet"] = "f2f models import syncnet_v2.model, then --syncnet"
        write_contact_sheet(options.out / "sheet.png", some[:SHEET_CLIPS], inference)
    (options.out / "summary.json").write_text(json.dumps(asdict(summary), indent=2))
    (options.out / "summary.md").write_text(table(summary))
    return summary


def _experts(paths: Sequence[Path]) -> list[ExpertScorer]:
    return [ExpertScorer(checkpoint.load_expert(path).model) for path in paths]


def longest(experts: Sequence[ExpertScorer]) -> ExpertScorer:
    """The expert that sees most frames at once: the best scorer."""
    return max(experts, key=lambda expert: expert.frames)


def _scorers(options: Options, experts: Sequence[ExpertScorer]) -> Iterator[SyncScorer]:
    if experts:
        yield longest(experts)
    for path in options.scorers:
        yield ExpertScorer(checkpoint.load_expert(path).model, name=path.stem)
    if options.syncnet:
        yield SyncNetScorer(checkpoint.load_syncnet(options.syncnet).model)


def _pairs(
    options: Options, held_out: Sequence[Track], rng: np.random.Generator
) -> list[tuple[Track, Track]]:
    """(video, sound): those of the list, else sampled among the longer clips."""
    if options.listed:
        return listed_tracks(read_list(options.listed, options.form), held_out)
    clips = by_speaker([t for t in held_out if len(t) >= SHORTEST], options.pairs, rng)
    if len(clips) < 2:
        raise InputError(
            f"{options.packed} holds fewer than two '{options.split}' clips of {SHORTEST} frames"
        )
    numbers = sample_pairs([len(t) for t in clips], options.pairs, rng)
    return [(clips[video], clips[sound]) for video, sound in numbers]


def by_speaker(all_tracks: Sequence[Track], count: int, rng: np.random.Generator) -> list[Track]:
    """Up to `count` tracks, one of every speaker before a second of anyone."""
    waiting: dict[str, list[Track]] = {}
    for place in rng.permutation(len(all_tracks)):
        waiting.setdefault(all_tracks[int(place)].speaker, []).append(all_tracks[int(place)])
    chosen: list[Track] = []
    while len(chosen) < count and any(waiting.values()):
        for group in waiting.values():
            if group and len(chosen) < count:
                chosen.append(group.pop())
    return chosen


def shipped_experts() -> tuple[Path, ...]:
    """The shipped expert, and those of fewer frames where a source checkout has them."""
    short = [] if weights.missing(SHORT_EXPERTS) else weights.locate(SHORT_EXPERTS).glob("*-tv*")
    return (*sorted(short), weights.locate(EXPERT))


def packed_folder(data: Path, cache: Path | None, split: str, experts: Sequence[Path]) -> Path:
    """`data` itself if it is packed; otherwise where its videos of a split are packed now.

    Offsets of what is packed here are each source's own, as the longest expert sees them; all
    clips stay.
    """
    if any(data.glob("*.faces.npy")):
        return data
    jobs = [job for job in jobs_of(data) if job.split == split]
    if not jobs:
        raise InputError(f"{data} holds neither packed tracks nor videos of split '{split}'")
    folder = cache or cache_folder(data.resolve())
    for note in preprocess(jobs, folder, workers=os.cpu_count() or 1):
        if note.status != OK:
            log.warning("%s: %s %s", note.file, note.status, note.error)
    if not (folder / OFFSETS).is_file():
        curves = distance_curves(folder, longest(_experts(experts)))
        offsets.write(folder, offsets.source_offsets(*curves))
    return folder


def cache_folder(data: Path) -> Path:
    """Where a folder's videos are packed: folders of one name in different places stay apart."""
    place = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return weights.cache_folder() / "packed" / f"{data.name}-{place}"


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m training evaluate`."""
    command = commands.add_parser(
        "evaluate", help="score experts and a generator on held-out clips"
    )
    command.add_argument("--weights", default=SHIPPED, help="shipped, or a generator's checkpoint")
    command.add_argument("--expert", type=Path, action="append", help="default: the shipped ones")
    command.add_argument(
        "--scorer", type=Path, action="append", default=[], help="one more expert, as a scorer"
    )
    command.add_argument("--list", type=Path, help="a published list of pairs, all packed")
    command.add_argument("--form", choices=get_args(ListForm), default="lrs", help="of that list")
    command.add_argument("--data", type=Path, required=True, help="a packed folder, or videos")
    command.add_argument("--packed", type=Path, help="where videos are packed (a cache)")
    command.add_argument("--split", default=VAL)
    command.add_argument("--pairs", type=int, default=60)
    command.add_argument("--clips", type=int, default=60)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--syncnet", type=Path, help="default: the imported one, if any")
    command.add_argument("--out", type=Path, default=Path("evaluation"))
    command.set_defaults(act=run)


def run(options: argparse.Namespace) -> int:
    """The command; prints the table."""
    generator = weights.locate(GENERATOR) if options.weights == SHIPPED else Path(options.weights)
    syncnet = options.syncnet
    if syncnet is None and weights.missing("syncnet") is None:
        syncnet = weights.locate("syncnet")
    experts = tuple(options.expert or shipped_experts())
    evaluation = Options(
        packed=packed_folder(options.data, options.packed, options.split, experts),
        out=options.out,
        generator=generator,
        experts=experts,
        scorers=tuple(options.scorer),
        listed=options.list,
        form=options.form,
        syncnet=syncnet,
        split=options.split,
        pairs=options.pairs,
        clips=options.clips,
        seed=options.seed,
    )
    print(table(evaluate(evaluation)))
    return 0
