"""The expert's recipe: what it takes over, what it is taught, and when it is calibrated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from f2f.errors import ConfigError
from lipsync import checkpoint
from lipsync.checkpoint import Info
from lipsync.expert import Expert
from training.data.dataset import SyncWindows
from training.data.landmarks import LIPS, MIRROR
from training.data.lip_codes import CODES
from training.data.packed import Track, tracks
from training.loop import State, Trainer
from training.recipes import landmark_sync
from training.recipes.auxiliary_tasks import Lesson, off
from training.recipes.expert import RISE, ExpertRecipe, Hearing, take, weights_at
from training.settings import Augment, Data, ExpertTask, Settings


def saved(path: Path, *, frames: int, width: float = 0.1) -> Expert:
    torch.manual_seed(1)
    expert = Expert(frames=frames, width=width).eval()
    checkpoint.save(path, expert, Info())
    return expert


def test_an_expert_takes_all_of_its_like(tmp_path: Path) -> None:
    theirs = saved(tmp_path / "five.safetensors", frames=5)
    ours = Expert(frames=5, width=0.1).eval()
    assert take(ours, tmp_path / "five.safetensors") == len(theirs.state_dict())
    mels, mouths = torch.randn(2, 1, 80, 16), torch.rand(2, 15, 48, 96)
    torch.testing.assert_close(ours(mels, mouths), theirs(mels, mouths))


def test_another_tv_sees_a_still_mouth_alike(tmp_path: Path) -> None:
    theirs = saved(tmp_path / "five.safetensors", frames=5)
    ours = Expert(frames=3, width=0.1).eval()
    take(ours, tmp_path / "five.safetensors")
    still = torch.rand(2, 3, 48, 96)
    torch.testing.assert_close(
        ours.embed_faces(still.repeat(1, 3, 1, 1)), theirs.embed_faces(still.repeat(1, 5, 1, 1))
    )


def test_another_width_gives_only_what_fits(tmp_path: Path) -> None:
    wide = saved(tmp_path / "wide.safetensors", frames=5, width=0.4).state_dict()
    narrow = Expert(frames=5, width=0.1)
    before = {name: tensor.clone() for name, tensor in narrow.state_dict().items()}
    fitting = {name for name, tensor in before.items() if wide[name].shape == tensor.shape}
    assert take(narrow, tmp_path / "wide.safetensors") == len(fitting)
    for name, tensor in narrow.state_dict().items():
        torch.testing.assert_close(tensor, wide[name] if name in fitting else before[name])


def test_the_published_recipe_classifies_from_the_first_step() -> None:
    found = weights_at(0, 100, ExpertTask())
    assert (found.contrastive, found.classify, found.taught) == (0, 1, 0)


def test_contrast_comes_first_and_the_cross_entropy_last() -> None:
    task = ExpertTask(contrastive=1, classify=1, calibrate=0.4, taught=1, teacher=Path("t"))
    steps = 10 * RISE
    assert weights_at(0, steps, task).contrastive == 0
    assert weights_at(RISE, steps, task).contrastive == 1
    assert weights_at(6 * RISE, steps, task).classify == 0
    assert weights_at(int(6.5 * RISE), steps, task).classify == pytest.approx(0.5)
    assert weights_at(8 * RISE, steps, task).classify == 1
    taught = [weights_at(step, steps, task).taught for step in range(0, steps, RISE)]
    assert taught[0] == 1 and taught == sorted(taught, reverse=True)


def coded(packed: Path, folder: Path) -> list[Track]:
    """Training tracks with random codes and landmarks."""
    rng = np.random.default_rng(0)
    found = []
    for track in tracks(packed, "train"):
        codes = rng.normal(size=(len(track), CODES)).astype(np.float32)
        np.save(folder / f"{track.name}.lips.npy", codes)
        points = rng.uniform(30, 80, (len(track), 56, 3)).astype(np.float16)
        np.save(folder / f"{track.name}.landmarks.npy", points)
        found.append(replace(track, folder=folder))
    return found


def test_told_windows_point_at_the_lips_also_in_the_mirror(packed: Path, tmp_path: Path) -> None:
    windows = SyncWindows(
        coded(packed, tmp_path), Data(), Augment(scale=0, shift=0), 0, frames=3, count=4, told=5
    )
    mirrored = set()
    for number in range(12):
        track = windows.speakers.draw(np.random.default_rng((0, number)))
        item = windows[number]
        start = int(item["frames"][1])
        assert item["points"].shape == (4, 3, 40, 2) and item["codes"].shape == (4, 5, CODES)
        assert track.lips is not None and track.landmarks is not None
        np.testing.assert_array_equal(item["codes"][1], track.lips[start : start + 5])
        points = track.landmarks[start + 2, : len(LIPS), :2] - (8, 8 + 48)  # the box, its half
        if not np.allclose(item["points"][1, 2], points, atol=0.01):
            points = points[MIRROR[:40]] * (-1, 1) + (96, 0)
            mirrored.add(number)
        np.testing.assert_allclose(item["points"][1, 2], points, atol=0.01)
    assert 0 < len(mirrored) < 12


def test_copying_is_measured_against_the_teachers_variance() -> None:
    told = torch.randn(3, 5, 8)
    assert float(off(told + 7, told)) == pytest.approx(0, abs=1e-5)  # a person's mean is free
    assert float(off(torch.zeros_like(told), told)) == pytest.approx(1)


def test_a_lesson_teaches_the_layers_before_the_map(packed: Path, tmp_path: Path) -> None:
    windows = SyncWindows(coded(packed, tmp_path), Data(), None, 0, frames=5, count=4, told=5)
    items = [windows[number] for number in range(2)]
    batch = {name: torch.stack([item[name] for item in items]) for name in items[0]}
    told = {"model": "expert", "out": tmp_path, "data": {"packed": packed},
            "run": {"batch": 2, "precision": "fp32", "steps": 100},
            "expert": {"width": 0.1, "windows": 4, "contrastive": 1.0, "calibrate": 0.5,
                       "taught": 1.0}}  # fmt: skip
    with pytest.raises(ConfigError, match=r"expert\.teacher"):
        ExpertRecipe(Settings.model_validate(told))
    landmark_sync.save(tmp_path / "teacher.safetensors", landmark_sync.Teacher())
    told["expert"]["teacher"] = tmp_path / "teacher.safetensors"  # type: ignore[index]
    settings = Settings.model_validate(told)
    recipe = ExpertRecipe(settings)
    trainer = Trainer(recipe, settings)
    losses = recipe.step(batch, State(), trainer)
    assert losses["lesson"] > 0
    hearing = recipe.modules["hearing"]
    assert isinstance(hearing, Hearing) and isinstance(hearing.lesson, Lesson)
    # at step 0 neither contrast nor cross-entropy counts: what moves is moved by the lesson
    first = hearing.expert.face_encoder[0].conv_block[0].weight.grad  # type: ignore[union-attr, index]
    assert first is not None and float(first.abs().max()) > 0
    assert float(hearing.lesson.lips.weight.grad.abs().max()) > 0  # type: ignore[union-attr]
    assert not float(hearing.scale.grad or 0)
    recipe.export(recipe.modules, State(), tmp_path)
    again = checkpoint.load_expert(tmp_path / "export" / "expert.safetensors")
    assert set(again.model.state_dict()) == set(hearing.expert.state_dict())
