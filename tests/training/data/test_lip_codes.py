"""Lip codes: from shapes to an embedding that the decoder takes in the sound's place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from f2f.errors import InputError
from lipsync.generator import Generator
from training.data import lip_codes
from training.data.dataset import WindowSource
from training.data.packed import tracks
from training.data.windows import FaceWindows
from training.loop import State, Trainer
from training.recipes import initialisation
from training.recipes.wav2lip import Wav2LipRecipe
from training.settings import Settings


def test_codes_hold_the_shape() -> None:
    rng = np.random.default_rng(0)
    ways = rng.normal(0, 1, (3, 135)).astype(np.float32)
    shapes = [
        rng.normal(0, 0.05, (60, 3)).astype(np.float32) @ ways + person for person in range(4)
    ]
    projection = lip_codes.fit(shapes, rng)
    assert projection.shape == (135, lip_codes.CODES)
    codes = lip_codes.encode(shapes[0], projection)
    assert np.abs(codes).max() <= lip_codes.LARGEST
    # three ways of moving fill three codes, from which the shapes follow on a line
    known = np.hstack((codes[:, :3], np.ones((60, 1), np.float32)))
    left = shapes[0] - known @ np.linalg.lstsq(known, shapes[0], rcond=None)[0]
    assert left.std() < 0.1 * (shapes[0] - shapes[0].mean(0)).std()


def test_decoding_the_sounds_own_embedding_is_the_generator() -> None:
    torch.manual_seed(0)
    generator = Generator(width=0.1).eval()
    mels, faces = torch.randn(2, 1, 80, 16), torch.rand(2, 6, 96, 96)
    embedding = generator.audio_encoder(mels).flatten(1)
    torch.testing.assert_close(
        lip_codes.decode(generator, embedding, faces), generator(mels, faces)
    )


def test_a_fresh_encoder_begins_at_the_codes_level() -> None:
    torch.manual_seed(0)
    generator = Generator(width=0.25)
    initialisation.initialise_code_level(generator)
    heard = generator.audio_encoder(torch.randn(16, 1, 80, 16)).flatten(1).detach()
    assert float(heard[:, : lip_codes.CODES].mean()) == pytest.approx(lip_codes.LEVEL, abs=0.2)
    assert float(heard[:, lip_codes.CODES :].mean()) < 0.1
    silent = lip_codes.embedding_of(torch.zeros(16, lip_codes.CODES), heard.shape[1])
    assert silent.shape == heard.shape


def guided_settings(folder: Path, packed: Path, **task: float) -> Settings:
    """A narrow generator of single frames without an expert."""
    return Settings.model_validate(
        {
            "model": "wav2lip",
            "out": folder,
            "data": {"packed": packed},
            "run": {"batch": 4, "precision": "fp32"},
            "wav2lip": {"width": 0.25, "frames": 1, "sync_weight": 0.0, **task},
        }
    )


def guided_batch(tmp_path: Path, packed: Path) -> dict[str, torch.Tensor]:
    """Four single-frame windows of tracks with random codes and landmarks."""
    folder = tmp_path / "coded"
    folder.mkdir()
    found = []
    for track in tracks(packed, "train"):
        rng = np.random.default_rng(0)
        codes = rng.normal(size=(len(track), lip_codes.CODES))
        np.save(folder / f"{track.name}.lips.npy", codes.astype(np.float32))
        points = np.tile(rng.uniform(30, 80, (56, 3)), (len(track), 1, 1))
        np.save(folder / f"{track.name}.landmarks.npy", points.astype(np.float16))
        found.append(replace(track, folder=folder))
    windows = FaceWindows(WindowSource(found), frames=1, size=96, guided=True)
    items = [windows[number] for number in range(4)]
    return {name: torch.stack([item[name] for item in items]) for name in items[0]}


def test_what_sound_makes_is_not_held_to_the_picture(tmp_path: Path, packed: Path) -> None:
    settings = guided_settings(
        tmp_path, packed, guided=0.5, unguided=0.0, code_weight=0.0, mouth=1.0
    )
    recipe = Wav2LipRecipe(settings)
    batch = guided_batch(tmp_path, packed)
    faces = batch["target"] * 0.5
    guided = torch.tensor([True, False, True, False])
    far = faces.clone()
    far[~guided] = 0.9
    near = recipe._reconstruction(faces, batch, guided)
    assert float(near) > 0
    torch.testing.assert_close(recipe._reconstruction(far, batch, guided), near)
    assert recipe._reconstruction(far, batch, ~guided) != near


def test_a_guided_step_trains_both_halves(tmp_path: Path, packed: Path) -> None:
    with pytest.raises(InputError, match="training lips"):
        FaceWindows(WindowSource(tracks(packed, "train")), frames=1, size=96, guided=True)
    settings = guided_settings(tmp_path, packed, guided=1.0, edges=1.0)
    recipe = Wav2LipRecipe(settings)
    trainer = Trainer(recipe, settings)
    batch = guided_batch(tmp_path, packed)
    losses = recipe.step(batch, State(), trainer)
    assert losses["codes"] > 0
    generator = recipe.modules["generator"]
    assert isinstance(generator, Generator)
    # with every frame guided, the pixels reach the decoder and the codes reach the encoder
    assert generator.audio_encoder[0].conv_block[0].weight.grad is not None  # type: ignore[union-attr, index]
    assert generator.output_block[1].weight.grad is not None
