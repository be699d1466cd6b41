"""The thesis's evaluation: how well do lips fit, how good do they look, beside the real video?

Every figure is of people and clips outside the training data when the split is `val`. Three
things are scored by each judge: real videos with their own sound, the same videos with somebody
else's (unsynced), and what the generator makes of those pairs (generated).
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from f2f import weights
from f2f.errors import InputError, MissingError
from lipsync import checkpoint
from lipsync.crops import with_pose_prior
from lipsync.generator import FaceGenerator
from lipsync.scores import SyncScore
from training.augment import PLAIN, see
from training.dataset import sound_windows
from training.inception import Inception
from training.judge import BATCH, ExpertJudge, Judge, OffSync, Scene, SyncNetJudge, off_sync, score
from training.landmarks import LIPS, Landmarker
from training.measures import frechet_distance, landmark_distance, psnr, ssim
from training.packed import OK, Track, tracks
from training.pairs import sample_pairs
from training.preprocess import jobs_of, preprocess
from training.sheet import write_sheet

log = logging.getLogger(__name__)

SHIPPED = "shipped"
GENERATORS, EXPERTS = "wav2lip*.safetensors", "expert*.safetensors"
SHORTEST = 25
"""Frames; shorter clips leave too little room for shifts of ± 15."""
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
    syncnet: Path | None = None
    """The published SyncNet, the second judge."""
    split: str = "val"
    pairs: int = 60
    clips: int = 60
    """Clips for off-sync accuracy and for PSNR, SSIM and LMD."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Row:
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


@dataclass
class Summary:
    """All means; a measure that could not be taken says why."""

    split: str
    off_sync: dict[str, OffSync] = field(default_factory=dict)
    """By expert."""
    sync: dict[str, dict[str, float]] = field(default_factory=dict)
    """By judge: mean distance and confidence of real, unsynced and generated video, and `way`,
    the part of the way from unsynced to real that the generated confidence has come."""
    picture: dict[str, float] = field(default_factory=dict)
    """PSNR (dB), SSIM, LMD (pixels of a 96-pixel face), FID, and the counts behind them."""
    not_measured: dict[str, str] = field(default_factory=dict)


def evaluate(options: Options) -> Summary:
    """Score experts and a generator; writes its files and returns the means.

    Raises:
        InputError: the packed folder has no such split, or too few clips.
    """
    rng = np.random.default_rng(options.seed)
    held_out = [t for t in tracks(options.packed, options.split) if len(t) >= SHORTEST]
    if len(held_out) < 2:
        raise InputError(f"{options.packed} holds fewer than two '{options.split}' clips to judge")
    summary = Summary(options.split)
    experts = [ExpertJudge(checkpoint.load_expert(path).model) for path in options.experts]
    some = by_speaker(held_out, options.clips, rng)
    scenes = [scene_of(track) for track in some]
    for path, judge in zip(options.experts, experts, strict=True):
        summary.off_sync[path.stem] = off_sync(judge, scenes)
        log.info("%s: %s", path.name, summary.off_sync[path.stem])
    options.out.mkdir(parents=True, exist_ok=True)
    if options.generator is not None:
        loaded = checkpoint.load_generator(options.generator)
        maker = Maker(loaded.model, loaded.info.mel_offset)
        judges: list[Judge] = [*sorted(experts, key=lambda judge: -judge.frames)[:1]]
        if options.syncnet:
            judges.append(SyncNetJudge(checkpoint.load_syncnet(options.syncnet).model))
        else:
            summary.not_measured["syncnet"] = "f2f models import syncnet_v2.model, then --syncnet"
        rows, real, made = _judge_pairs(options, held_out, judges, maker, rng)
        _write_rows(options.out / "pairs.csv", rows)
        summary.sync = {judge.name: _means(rows, judge.name) for judge in judges}
        _picture(summary, some, maker, real, made)
        write_sheet(options.out / "sheet.png", [(t, maker) for t in some[:SHEET_CLIPS]])
    (options.out / "summary.json").write_text(json.dumps(asdict(summary), indent=2))
    (options.out / "summary.md").write_text(table(summary))
    return summary


class Maker:
    """A generator as it is used: pictures and sound in, faces out."""

    def __init__(self, model: FaceGenerator, mel_offset: int) -> None:
        self.model, self.mel_offset = model.eval(), mel_offset

    @torch.no_grad()
    def make(self, faces: Tensor, references: Tensor, sound: Track) -> Tensor:
        """Faces that speak a track's sound from its start.

        Args:
            faces: (N, 3, S, S), the pose prior is taken from them.
            references: the same shape; at inference the same faces.
            sound: at least N frames long.

        Returns:
            (N, 3, S, S) in [0, 1].
        """
        heard = sound_windows(
            sound, range(len(faces)), form=self.model.form, offset=self.mel_offset
        )
        seen = with_pose_prior(faces, references)
        made = [
            self.model(mels, part)
            for mels, part in zip(torch.split(heard, BATCH), torch.split(seen, BATCH), strict=True)
        ]
        return torch.cat(made)


def faces_of(track: Track, count: int | None = None, size: int = 96) -> Tensor:
    """The first `count` faces as detected, (count, 3, size, size)."""
    return torch.from_numpy(see(track.faces[:count], PLAIN, size))


def scene_of(track: Track, faces: Tensor | None = None) -> Scene:
    """A track's sound with its own faces, or with others."""
    return Scene(
        faces=faces_of(track) if faces is None else faces,
        mel=torch.from_numpy(track.mel),
        samples=torch.from_numpy(track.samples()),
        offset=track.offset,
    )


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


def _judge_pairs(
    options: Options,
    held_out: Sequence[Track],
    judges: Sequence[Judge],
    maker: Maker,
    rng: np.random.Generator,
) -> tuple[list[Row], list[Tensor], list[Tensor]]:
    rows: list[Row] = []
    real_faces, made_faces = [], []
    clips = by_speaker(held_out, options.pairs, rng)
    for video_at, sound_at in sample_pairs([len(t) for t in clips], options.pairs, rng):
        video, sound = clips[video_at], clips[sound_at]
        faces = faces_of(video, len(sound), maker.model.size)
        made = maker.make(faces, faces, sound)
        real_faces.append(faces)
        made_faces.append(made)
        for judge in judges:
            real, unsynced, generated = (
                score(judge, scene)
                for scene in (scene_of(video), scene_of(sound, faces), scene_of(sound, made))
            )
            rows.append(_row(judge.name, video, sound, real, unsynced, generated))
    return rows, real_faces, made_faces


def _row(
    judge: str,
    video: Track,
    sound: Track,
    real: SyncScore,
    unsynced: SyncScore,
    generated: SyncScore,
) -> Row:
    return Row(
        judge=judge,
        video=video.name,
        sound=sound.name,
        source=video.source,
        frames=len(sound),
        real_distance=real.distance,
        real_confidence=real.confidence,
        unsynced_distance=unsynced.distance,
        unsynced_confidence=unsynced.confidence,
        generated_distance=generated.distance,
        generated_confidence=generated.confidence,
    )


def _means(rows: Iterable[Row], judge: str) -> dict[str, float]:
    ours = [asdict(row) for row in rows if row.judge == judge]
    names = [
        f"{kind}_{what}"
        for kind in ("real", "unsynced", "generated")
        for what in ("distance", "confidence")
    ]
    means = {name: float(np.mean([row[name] for row in ours])) for name in names}
    for what in ("distance", "confidence"):
        whole = means[f"real_{what}"] - means[f"unsynced_{what}"]
        come = means[f"generated_{what}"] - means[f"unsynced_{what}"]
        means[f"way_{what}"] = come / whole if abs(whole) > 1e-9 else float("nan")
    return {**means, "pairs": float(len(ours))}


def _picture(
    summary: Summary,
    some: Sequence[Track],
    maker: Maker,
    real: Sequence[Tensor],
    made: Sequence[Tensor],
) -> None:
    """PSNR, SSIM and LMD of videos re-made from their own sound and their first frame; FID."""
    values: dict[str, list[float]] = {"psnr": [], "ssim": [], "lmd": []}
    try:
        landmarker: Landmarker | None = Landmarker()
    except MissingError as error:
        landmarker = None
        summary.not_measured["lmd"] = str(error)
    for track in some:
        faces = faces_of(track, size=maker.model.size)
        again = maker.make(faces, faces[:1].expand_as(faces), track)
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
    shown = (torch.cat(list(part))[::FID_EVERY] for part in (real, made))
    theirs_, ours_ = (inception.features(part) for part in shown)
    summary.picture["fid"] = frechet_distance(ours_, theirs_)
    summary.picture["fid_pictures"] = float(len(ours_))


def _pictures(faces: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    pixels = (faces * 255).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(0, 2, 3, 1).numpy())


def _write_rows(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(rows[0])))
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def table(summary: Summary) -> str:
    """The summary as Markdown."""
    lines = [f"Split `{summary.split}`.", ""]
    if summary.off_sync:
        lines += ["| expert | off-sync accuracy | true ranked above false |", "| --- | --- | --- |"]
        lines += [
            f"| {name} | {found.accuracy:.1%} | {found.rank:.1%} |"
            for name, found in summary.off_sync.items()
        ]
        lines.append("")
    for judge, means in summary.sync.items():
        lines += [f"| judge {judge} | LSE-D ↓ | LSE-C ↑ |", "| --- | --- | --- |"]
        lines += [
            f"| {kind} | {means[f'{kind}_distance']:.3f} | {means[f'{kind}_confidence']:.3f} |"
            for kind in ("real", "unsynced", "generated")
        ]
        way = f"| way from unsynced to real | {means['way_distance']:.0%} "
        lines += [way + f"| {means['way_confidence']:.0%} |", ""]
    if summary.picture:
        lines += ["| measure | value |", "| --- | --- |"]
        lines += [f"| {name} | {value:.4g} |" for name, value in summary.picture.items()]
        lines.append("")
    lines += [f"Not measured: {name} ({why})" for name, why in summary.not_measured.items()]
    return "\n".join(lines) + "\n"


def shipped(pattern: str) -> list[Path]:
    """Files in `lipsync/weights`, by name."""
    return sorted(Path(str(files("lipsync") / "weights")).glob(pattern))


def packed_folder(data: Path, cache: Path | None, split: str) -> Path:
    """`data` itself if it is packed; otherwise where its videos of a split are packed now."""
    if any(data.glob("*.faces.npy")):
        return data
    jobs = [job for job in jobs_of(data) if job.split == split]
    if not jobs:
        raise InputError(f"{data} holds neither packed tracks nor videos of split '{split}'")
    folder = cache or weights.cache_folder() / "packed" / data.resolve().name
    for note in preprocess(jobs, folder, workers=1):
        if note.status != OK:
            log.warning("%s: %s %s", note.file, note.status, note.error)
    return folder


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m training evaluate`."""
    command = commands.add_parser(
        "evaluate", help="score experts and a generator on held-out clips"
    )
    command.add_argument("--weights", default=SHIPPED, help="shipped, or a generator's checkpoint")
    command.add_argument("--expert", type=Path, action="append", help="default: the shipped ones")
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
    options = Options(
        packed=packed_folder(chosen.data, chosen.packed, chosen.split),
        out=chosen.out,
        generator=generators[0],
        experts=tuple(chosen.expert or shipped(EXPERTS)),
        syncnet=syncnet,
        split=chosen.split,
        pairs=chosen.pairs,
        clips=chosen.clips,
        seed=chosen.seed,
    )
    print(table(evaluate(options)))
    return 0
