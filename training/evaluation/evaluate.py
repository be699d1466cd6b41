"""The thesis's evaluation: how well do lips fit, how good do they look, beside the real video?

Every figure is of people and clips outside the training data when the split is `val`. Three
things are scored by each judge: real videos with their own sound, the same videos with somebody
else's (unsynced), and what the generator makes of those pairs (generated).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from f2f import weights
from f2f.errors import InputError, MissingError
from lipsync import checkpoint
from training.data import offsets
from training.data.jobs import jobs_of
from training.data.landmarks import LIPS, Landmarker
from training.data.packed import OFFSETS, OK, Track, tracks
from training.data.pairs import ListForm, listed_tracks, read_list, sample_pairs
from training.data.preprocess import preprocess
from training.evaluation import sync_evaluation
from training.evaluation.contact_sheet import write_sheet
from training.evaluation.inception import Inception
from training.evaluation.inference import Maker
from training.evaluation.measures import frechet_distance, landmark_distance, psnr, ssim
from training.evaluation.summary import Summary, table
from training.evaluation.sync_evaluation import Trial, judge_pair
from training.evaluation.sync_scorers import ExpertJudge, Judge, SyncNetJudge, off_sync, scene_of

log = logging.getLogger(__name__)

SHIPPED = "shipped"
GENERATORS, EXPERTS = "wav2lip*.safetensors", "expert*.safetensors"
SHORTEST = 50
"""Frames; shorter clips leave too little room for shifts of ± 15, so none is judged by them."""
SHEET_CLIPS = 8
FID_EVERY = 8
"""Every so many frames of the pairs are shown to the Inception net; neighbours are alike."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to evaluate, on what."""

    packed: Path
    """Folder that `training preprocess` filled."""
    out: Path
    """Folder for `pairs.csv`, `summary.json`, `summary.md` and `sheet.png`."""
    generator: Path | None = None
    """Checkpoint; None judges only the experts."""
    experts: tuple[Path, ...] = ()
    """Checkpoints of sync experts; the one with most frames judges the generator."""
    judges: tuple[Path, ...] = ()
    """Further experts that judge the generator, such as one that had no part in its training."""
    syncnet: Path | None = None
    """The published SyncNet, one more judge."""
    listed: Path | None = None
    """A published list of pairs; None samples them."""
    form: ListForm = "lrs"
    split: str = "val"
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
    for path, judge in zip(options.experts, experts, strict=True):
        summary.off_sync[path.stem] = off_sync(judge, scenes)
        log.info("%s: %s", path.name, summary.off_sync[path.stem])
    options.out.mkdir(parents=True, exist_ok=True)
    if options.generator is not None:
        loaded = checkpoint.load_generator(options.generator)
        maker = Maker(loaded.model, loaded.info.mel_offset)
        judges = list(_judges(options, experts, summary))
        pairs = _pairs(options, held_out, rng)
        trials = [judge_pair(video, sound, judges, maker) for video, sound in pairs]
        verdicts = [each for trial in trials for each in trial.verdicts]
        sync_evaluation.write(options.out / "pairs.csv", verdicts)
        summary.sync = {judge.name: sync_evaluation.means(verdicts, judge.name) for judge in judges}
        _picture(summary, some, maker, trials)
        write_sheet(options.out / "sheet.png", [(t, maker) for t in some[:SHEET_CLIPS]])
    (options.out / "summary.json").write_text(json.dumps(asdict(summary), indent=2))
    (options.out / "summary.md").write_text(table(summary))
    return summary


def _experts(paths: Sequence[Path]) -> list[ExpertJudge]:
    return [ExpertJudge(checkpoint.load_expert(path).model) for path in paths]


def longest(experts: Sequence[ExpertJudge]) -> ExpertJudge:
    """The expert that sees most frames at once: the best judge."""
    return max(experts, key=lambda judge: judge.frames)


def _judges(options: Options, experts: Sequence[ExpertJudge], summary: Summary) -> Iterator[Judge]:
    if experts:
        yield longest(experts)
    for path in options.judges:
        yield ExpertJudge(checkpoint.load_expert(path).model, name=path.stem)
    if options.syncnet:
        yield SyncNetJudge(checkpoint.load_syncnet(options.syncnet).model)
    else:
        summary.not_measured["syncnet"] = "f2f models import syncnet_v2.model, then --syncnet"


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


def _picture(
    summary: Summary, some: Sequence[Track], maker: Maker, trials: Sequence[Trial]
) -> None:
    """PSNR, SSIM and LMD of videos re-made from their own sound and their first frame; FID."""
    values: dict[str, list[float]] = {"psnr": [], "ssim": [], "lmd": []}
    try:
        landmarker: Landmarker | None = Landmarker()
    except MissingError as error:
        landmarker = None
        summary.not_measured["lmd"] = str(error)
    for track in some:
        faces, again = maker.remake(track)
        values["psnr"].append(float(psnr(again, faces).mean()))
        values["ssim"].append(float(ssim(again, faces).mean()))
        if landmarker is not None:
            ours, theirs = (
                torch.from_numpy(landmarker.find(_pictures(x))[:, : len(LIPS), :2])
                for x in (again, faces)
            )
            values["lmd"].append(float(landmark_distance(ours, theirs).mean()))
    summary.picture = {name: float(np.mean(found)) for name, found in values.items() if found}
    summary.picture["clips"] = float(len(some))
    try:
        inception = Inception()
    except MissingError as error:
        summary.not_measured["fid"] = str(error)
        return
    real = inception.features(torch.cat([trial.real for trial in trials])[::FID_EVERY])
    made = inception.features(torch.cat([trial.made for trial in trials])[::FID_EVERY])
    summary.picture["fid"] = frechet_distance(made, real)
    summary.picture["fid_pictures"] = float(len(made))


def _pictures(faces: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    pixels = (faces * 255).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(0, 2, 3, 1).numpy())


def shipped(pattern: str) -> list[Path]:
    """Files in `lipsync/weights`, by name."""
    return sorted(Path(str(files("lipsync") / "weights")).glob(pattern))


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
    folder = cache or weights.cache_folder() / "packed" / data.resolve().name
    for note in preprocess(jobs, folder, workers=os.cpu_count() or 1):
        if note.status != OK:
            log.warning("%s: %s %s", note.file, note.status, note.error)
    if not (folder / OFFSETS).is_file():
        judge = longest(_experts(experts))
        offsets.write(folder, offsets.by_source(*offsets.curves(folder, judge)))
    return folder


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m training evaluate`."""
    command = commands.add_parser(
        "evaluate", help="score experts and a generator on held-out clips"
    )
    command.add_argument("--weights", default=SHIPPED, help="shipped, or a generator's checkpoint")
    command.add_argument("--expert", type=Path, action="append", help="default: the shipped ones")
    command.add_argument(
        "--judge", type=Path, action="append", default=[], help="one more expert, as a judge"
    )
    command.add_argument("--list", type=Path, help="a published list of pairs, all packed")
    command.add_argument("--form", choices=get_args(ListForm), default="lrs", help="of that list")
    command.add_argument("--data", type=Path, required=True, help="a packed folder, or videos")
    command.add_argument("--packed", type=Path, help="where videos are packed (a cache)")
    command.add_argument("--split", default="val")
    command.add_argument("--pairs", type=int, default=60)
    command.add_argument("--clips", type=int, default=60)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--syncnet", type=Path, help="default: the imported one, if any")
    command.add_argument("--out", type=Path, default=Path("evaluation"))
    command.set_defaults(act=run)


def run(chosen: argparse.Namespace) -> int:
    """The command; prints the table."""
    generators = shipped(GENERATORS) if chosen.weights == SHIPPED else [Path(chosen.weights)]
    if not generators:
        raise MissingError("this copy of the package ships no generator: name one by --weights")
    syncnet = chosen.syncnet
    if syncnet is None and weights.missing("syncnet") is None:
        syncnet = weights.locate("syncnet")
    experts = tuple(chosen.expert or shipped(EXPERTS))
    if not experts:
        raise MissingError("this copy of the package ships no expert: name one by --expert")
    options = Options(
        packed=packed_folder(chosen.data, chosen.packed, chosen.split, experts),
        out=chosen.out,
        generator=generators[0],
        experts=experts,
        judges=tuple(chosen.judge),
        listed=chosen.list,
        form=chosen.form,
        syncnet=syncnet,
        split=chosen.split,
        pairs=chosen.pairs,
        clips=chosen.clips,
        seed=chosen.seed,
    )
    print(table(evaluate(options)))
    return 0
