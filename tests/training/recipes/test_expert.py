"""The expert's recipe: what it takes over, its auxiliary tasks, and when it is calibrated."""

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
from training.data.dataset import WindowSource
from training.data.landmarks import LIPS, MIRROR
from training.data.lip_codes import CODES
from training.data.packed import Track, tracks
from training.data.windows import SyncWindows
from training.loop import State, Trainer
from training.recipes import landmark_sync_net
from training.recipes.auxiliary_tasks import AuxiliaryHeads, relative_error
from training.recipes.expert import CONTRAST_WARM_UP, ExpertRecipe, TrainedExpert, weights_at
from training.recipes.initialisation import copy_expert
from training.settings import Augment, Settings
from training.tasks import ExpertTask


def saved(path: Path, *, frames: int, width: float = 0.1) -> Expert:
    torch.manual_seed(1)
    expert = Expert(frames=frames, width=width).eval()
    checkpoint.save(path, expert, Info())
    return expert


def test_an_expert_takes_all_of_its_like(tmp_path: Path) -> None:
    theirs = saved(tmp_path / "five.safetensors", frames=5)
    ours = Expert(frames=5, width=0.1).eval()
    assert copy_expert(tmp_path / "five.safetensors", ours) == len(theirs.state_dict())
    mels, mouths = torch.randn(2, 1, 80, 16), torch.rand(2, 15, 48, 96)
    torch.testing.assert_close(ours(mels, mouths), theirs(mels, mouths))


def test_another_tv_sees_a_still_mouth_alike(tmp_path: Path) -> None:
    theirs = saved(tmp_path / "five.safetensors", frames=5)
    ours = Expert(frames=3, width=0.1).eval()
    copy_expert(tmp_path / "five.safetensors", ours)
    still = torch.rand(2, 3, 48, 96)
    torch.testing.assert_close(
        ours.embed_faces(still.repeat(1, 3, 1, 1)), theirs.embed_faces(still.repeat(1, 5, 1, 1))
    )


def test_another_width_gives_only_what_fits(tmp_path: Path) -> None:
    wide = saved(tmp_path / "wide.safetensors", frames=5, width=0.4).state_dict()
    narrow = Expert(frames=5, width=0.1)
    before = {name: tensor.clone() for name, tensor in narrow.state_dict().items()}
    fitting = {name for name, tensor in before.items() if wide[name].shape == tensor.shape}
    assert copy_expert(tmp_path / "wide.safetensors", narrow) == len(fitting)
    for name, tensor in narrow.state_dict().items():
        torch.testing.assert_close(tensor, wide[name] if name in fitting else before[name])


def test_the_published_recipe_classifies_from_the_first_step() -> None:
    found = weights_at(0, 100, ExpertTask())
    assert (found.contrastive, found.cross_entropy, found.auxiliary) == (0, 1, 0)


def test_contrast_comes_first_and_the_cross_entropy_last() -> None:
    task = ExpertTask(contrastive=1, calibration=0.4, auxiliary=1, landmark_sync=Path("t"))
    steps = 10 * CONTRAST_WARM_UP
    assert weights_at(0, steps, task).contrastive == 0
    assert weights_at(CONTRAST_WARM_UP, steps, task).contrastive == 1
    assert weights_at(6 * CONTRAST_WARM_UP, steps, task).cross_entropy == 0
    assert weights_at(int(6.5 * CONTRAST_WARM_UP), steps, task).cross_entropy == pytest.approx(0.5)
    assert weights_at(8 * CONTRAST_WARM_UP, steps, task).cross_entropy == 1
    weights = [
        weights_at(step, steps, task).auxiliary for step in range(0, steps, CONTRAST_WARM_UP)
    ]
    assert weights[0] == 1 and weights == sorted(weights, reverse=True)


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


def test_auxiliary_points_lie_on_the_lips_in_the_mirror_too(packed: Path, tmp_path: Path) -> None:
    windows = SyncWindows(
        WindowSource(coded(packed, tmp_path), augment=Augment(scale=0, shift=0)),
        frames=3,
        count=4,
        code_frames=5,
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


def test_distillation_is_measured_against_the_targets_variance() -> None:
    target = torch.randn(3, 5, 8)
    shifted = target + 7  # a person's mean is free
    assert float(relative_error(shifted, target)) == pytest.approx(0, abs=1e-5)
    assert float(relative_error(torch.zeros_like(target), target)) == pytest.approx(1)


def test_auxiliary_tasks_train_the_layers_before_the_map(packed: Path, tmp_path: Path) -> None:
    windows = SyncWindows(WindowSource(coded(packed, tmp_path)), frames=5, count=4, code_frames=5)
    items = [windows[number] for number in range(2)]
    batch = {name: torch.stack([item[name] for item in items]) for name in items[0]}
    options = {"model": "expert", "out": tmp_path, "data": {"packed": packed},
            "run": {"batch": 2, "precision": "fp32", "steps": 100},
            "expert": {"width": 0.1, "windows": 4, "contrastive": 1.0, "calibration": 0.5,
                       "auxiliary": 1.0}}  # fmt: skip
    with pytest.raises(ConfigError, match=r"expert\.landmark_sync"):
        ExpertRecipe(Settings.model_validate(options))
    path = tmp_path / "landmark_sync.safetensors"
    landmark_sync_net.save(path, landmark_sync_net.LandmarkSyncNet())
    options["expert"]["landmark_sync"] = path  # type: ignore[index]
    settings = Settings.model_validate(options)
    recipe = ExpertRecipe(settings)
    trainer = Trainer(recipe, settings)
    losses = recipe.step(batch, State(), trainer)
    assert losses["auxiliary"] > 0
    model = recipe.modules["expert"]
    assert isinstance(model, TrainedExpert) and isinstance(model.heads, AuxiliaryHeads)
    # at step 0 neither contrast nor cross-entropy counts: what moves is moved by the heads
    first = model.expert.face_encoder[0].conv_block[0].weight.grad  # type: ignore[union-attr, index]
    assert first is not None and float(first.abs().max()) > 0
    assert float(model.heads.lips.weight.grad.abs().max()) > 0  # type: ignore[union-attr]
    assert not float(model.scale.grad or 0)
    recipe.export(recipe.modules, State(), tmp_path)
    again = checkpoint.load_expert(tmp_path / "export" / "expert.safetensors")
    assert set(again.model.state_dict()) == set(model.expert.state_dict())
