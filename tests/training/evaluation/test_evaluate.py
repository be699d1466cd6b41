"""The whole evaluation, with small models: what it writes, and that it scores what it says."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from f2f.errors import InputError, MissingError
from lipsync import checkpoint
from lipsync.checkpoint import Info
from lipsync.expert import Expert
from lipsync.generator import Generator
from training.__main__ import main
from training.data.packed import OFFSETS, Track, tracks
from training.evaluation import evaluate, picture_quality
from training.evaluation.evaluate import Options
from training.evaluation.inference import Inference
from training.evaluation.sync_evaluation import SyncResult, evaluate_pair, means
from training.evaluation.sync_scorers import ExpertScorer, scene_of, score


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A generator and two experts; clips of 40 frames are long enough, no net is pulled."""

    def absent() -> None:
        raise MissingError("not here: f2f models pull it")

    monkeypatch.setattr(evaluate, "SHORTEST", 30)
    monkeypatch.setattr(picture_quality, "Landmarker", absent)
    monkeypatch.setattr(picture_quality, "Inception", absent)
    torch.manual_seed(0)
    info = Info(mel_offset=-6)
    checkpoint.save(tmp_path / "wav2lip.safetensors", Generator(width=0.1).eval(), info)
    for frames in (1, 5):
        expert = Expert(frames=frames, width=0.1).eval()
        checkpoint.save(tmp_path / f"expert-tv{frames}.safetensors", expert, Info())
    return tmp_path


def options(packed: Path, models: Path) -> Options:
    return Options(
        packed=packed,
        out=models / "out",
        generator=models / "wav2lip.safetensors",
        experts=(models / "expert-tv1.safetensors", models / "expert-tv5.safetensors"),
        scorers=(models / "expert-tv1.safetensors",),
        pairs=3,
        clips=2,
    )


def test_everything_is_written(packed: Path, models: Path) -> None:
    summary = evaluate.evaluate(options(packed, models))
    assert set(summary.off_sync) == {"expert-tv1", "expert-tv5"}
    assert set(summary.sync) == {"expert-5", "expert-tv1"}
    assert set(summary.picture) == {"psnr", "ssim", "clips"}
    assert set(summary.not_measured) == {"lmd", "fid", "syncnet"}
    out = models / "out"
    with (out / "pairs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 3
    assert all(row["video"] != row["sound"] for row in rows)
    assert json.loads((out / "summary.json").read_text())["split"] == "val"
    assert "gap closed, unsynced to real" in (out / "summary.md").read_text()
    sheet = cv2.imread(str(out / "sheet.png"))
    assert sheet.shape == (2 * (2 * 96 + 4), 10 * 96, 3)


def test_the_command_prints_the_table(
    packed: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experts = ["--expert", str(models / "expert-tv5.safetensors")]
    arguments = ["evaluate", "--weights", str(models / "wav2lip.safetensors"), *experts]
    arguments += [
        "--data",
        str(packed),
        "--pairs",
        "2",
        "--clips",
        "2",
        "--out",
        str(models / "out"),
    ]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "| expert-tv5 |" in printed and "scorer expert-5, 2 pairs" in printed


def test_listed_pairs_are_evaluated(packed: Path, models: Path) -> None:
    listed = models / "pairs.txt"
    listed.write_text("talk/clip4 talk/clip5\n")
    chosen = replace(options(_foldered(packed, models), models), listed=listed)
    evaluate.evaluate(chosen)
    with (models / "out" / "pairs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["video"], row["sound"]) for row in rows] == [("talk_clip5.0", "talk_clip4.0")] * 2
    listed.write_text("talk/clip4 talk/nobody\n")
    with pytest.raises(InputError, match=r"1 listed clips are not packed.*nobody"):
        evaluate.evaluate(chosen)


def _foldered(packed: Path, models: Path) -> Path:
    """The same clips, named as `preprocess` names those of a folder "talk"."""
    folder = models / "packed"
    folder.mkdir()
    for path in packed.iterdir():
        (folder / f"talk_{path.name}").symlink_to(path)
    return folder


def test_a_copy_of_the_real_video_scores_as_the_real_video(packed: Path, models: Path) -> None:
    class Copier(Inference):
        def generate(
            self, faces: torch.Tensor, references: torch.Tensor, sound: Track
        ) -> torch.Tensor:
            return faces

    scorer = ExpertScorer(checkpoint.load_expert(models / "expert-tv5.safetensors").model)
    video, sound = tracks(packed, "val")
    evaluation = evaluate_pair(video, sound, [scorer], Copier(Generator(width=0.1), -6))
    (found,) = evaluation.results
    assert found.generated_distance == found.unsynced_distance
    assert found.real_distance == pytest.approx(score(scorer, scene_of(video)).distance)
    own = evaluate_pair(video, video, [scorer], Copier(Generator(width=0.1), -6)).results[0]
    assert own.generated_confidence == pytest.approx(own.real_confidence, abs=1e-5)


def test_the_expert_of_most_frames_is_the_first_scorer() -> None:
    experts = [ExpertScorer(Expert(frames=frames, width=0.1)) for frames in (1, 5, 3)]
    assert evaluate.longest(experts) is experts[1]


def test_the_gap_closed_is_a_part_of_what_lies_between() -> None:
    def result(scorer: str, real: float, unsynced: float, generated: float) -> SyncResult:
        return SyncResult(
            scorer, "a", "b", "talk", 50, real, real, unsynced, unsynced, generated, generated
        )  # fmt: skip

    both = [result("x", 1, 3, 2), result("x", 1, 3, 1.5), result("y", 0, 0, 9)]
    assert means(both, "x")["gap_closed_distance"] == pytest.approx(5 / 8)
    assert np.isnan(means(both, "y")["gap_closed_confidence"])


def test_videos_are_packed_with_their_sources_offset(
    packed: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`preprocess` has its own tests: here the videos are packed already, as in a cache."""
    videos = models / "videos"
    (videos / "talk").mkdir(parents=True)
    for number in range(6):
        (videos / "talk" / f"clip{number}.mkv").touch()
    lines = [f"talk/clip{n}.mkv,speaker{n // 2},{'val' if n > 3 else 'train'}" for n in range(6)]
    (videos / "manifest.csv").write_text("file,speaker,split\n" + "\n".join(lines))
    folder = _foldered(packed, models)
    experts = [models / f"expert-tv{frames}.safetensors" for frames in (1, 5)]
    assert evaluate.packed_folder(videos, folder, "val", experts) == folder
    offsets = json.loads((folder / OFFSETS).read_text())
    assert len(set(offsets.values())) == 1 and None not in offsets.values()
    assert evaluate.packed_folder(packed, None, "val", experts) == packed
    with pytest.raises(InputError, match="neither packed tracks nor videos"):
        evaluate.packed_folder(videos, folder, "nobody", experts)


def test_caches_of_folders_of_one_name_are_apart(tmp_path: Path) -> None:
    caches = {evaluate.cache_folder(tmp_path / place / "val") for place in ("one", "other")}
    assert len(caches) == 2
