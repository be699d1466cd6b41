"""The audio encoder alone: it learns codes from sound, and touches nothing else."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from f2f.errors import ConfigError
from lipsync import checkpoint
from lipsync.checkpoint import Info
from lipsync.generator import Generator
from tests.training.conftest import MEL_OFFSET
from training.curves import CURVES
from training.data.dataset import WindowSource
from training.data.excerpts import sound_windows
from training.data.lip_codes import CODES
from training.data.packed import tracks
from training.data.windows import CodeWindows
from training.loop import State, Trainer
from training.parallel import World
from training.recipes import initialisation, landmark_sync_net
from training.recipes.audio_encoder import AudioEncoderRecipe, movement
from training.recipes.landmark_sync_net import LandmarkSyncNet
from training.settings import Augment, Settings


@pytest.fixture
def settings(coded: Path, tmp_path: Path) -> Settings:
    torch.manual_seed(0)
    generator = Generator(width=0.1)
    initialisation.initialise_code_level(generator)
    start = tmp_path / "guided.safetensors"
    checkpoint.save(start, generator.eval(), Info(mel_offset=MEL_OFFSET))
    landmark_sync_net.save(tmp_path / "landmark_sync.safetensors", LandmarkSyncNet())
    return Settings.model_validate(
        {
            "model": "audio-encoder",
            "out": tmp_path / "out",
            "data": {"packed": coded},
            "optimiser": {"rate": 3e-3, "decay": 0.5},
            "run": {
                "steps": 60,
                "batch": 4,
                "precision": "fp32",
                "evaluate_every": 60,
                "ema": 0.8,
                "log_every": 10,
            },
            "audio_encoder": {
                "start": start,
                "landmark_sync": tmp_path / "landmark_sync.safetensors",
                "contrastive": 0.0,
                "movement": 0.0,
            },
        }
    )


def test_codes_are_learned_and_nothing_else_changes(settings: Settings, tmp_path: Path) -> None:
    Trainer(AudioEncoderRecipe(settings), settings).run()
    with (tmp_path / "out" / CURVES).open() as file:
        distance = [
            float(row["value"]) for row in csv.DictReader(file) if row["name"] == "distance"
        ]
    assert distance[-1] < 0.5 * distance[0]
    made = checkpoint.load(tmp_path / "out" / "export" / "wav2lip.safetensors", Generator)
    began = checkpoint.load(tmp_path / "guided.safetensors", Generator).model.state_dict()
    assert made.info.mel_offset == MEL_OFFSET
    changed = {
        name.partition(".")[0]
        for name, tensor in made.model.state_dict().items()
        if not torch.allclose(tensor.float(), began[name].float(), atol=1e-3)
    }
    assert changed == {"audio_encoder"}


def test_windows_hold_each_frames_own_sound(coded: Path) -> None:
    track = replace(tracks(coded, "train")[0], offset=1)
    windows = CodeWindows(WindowSource([track]), frames=5, count=3, mel_offset=MEL_OFFSET)
    item = windows.cut(track, np.random.default_rng(0))
    assert item["codes"].shape == (3, 5, CODES) and item["mels"].shape == (3, 5, 1, 80, 16)
    codes = track.lips
    assert codes is not None
    starts = [int(np.argmin(np.abs(codes - code[0].numpy()).sum(1))) for code in item["codes"]]
    torch.testing.assert_close(item["clean_mels"], sound_windows(track, starts))
    frames = range(starts[1], starts[1] + 5)
    torch.testing.assert_close(item["mels"][1], sound_windows(track, frames, offset=MEL_OFFSET))
    source = WindowSource([track], augment=Augment())
    changed = CodeWindows(source, frames=5, count=3, mel_offset=-6)[0]
    assert changed["mels"].shape == (3, 5, 1, 80, 16)


def test_only_timid_codes_are_stirred(settings: Settings) -> None:
    recipe = AudioEncoderRecipe(settings)
    batch = next(recipe.batches(0, World()))
    found = {}
    for move in (0.0, 1.0):
        task = settings.audio_encoder.model_copy(update={"movement": move})
        asked = AudioEncoderRecipe(settings.model_copy(update={"audio_encoder": task}))
        found[move] = asked.step(batch, State(), Trainer(asked, settings))["stillness"]
    assert found[0.0] == 0 < found[1.0]


def test_movement_is_inside_a_clip() -> None:
    still = torch.randn(2, 1, 1, CODES).expand(2, 3, 5, CODES)
    assert float(movement(still).abs().max()) < 1e-5
    moving = still + torch.randn(2, 3, 5, CODES)
    torch.testing.assert_close(movement(moving)[1], moving[1].reshape(15, CODES).std(0))


def test_what_is_missing_is_said(settings: Settings) -> None:
    task = settings.audio_encoder.model_copy(update={"landmark_sync": None})
    with pytest.raises(ConfigError, match="landmark_sync"):
        AudioEncoderRecipe(settings.model_copy(update={"audio_encoder": task}))
