"""The switch-on rule, the expert's part in the loss, and its audio encoder."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from f2f.errors import ConfigError
from lipsync import checkpoint
from lipsync.checkpoint import Info
from lipsync.expert import Expert
from lipsync.generator import Generator
from training.loop import State, Trainer
from training.recipes.initialisation import copy_audio_encoder
from training.recipes.wav2lip import SYNC_WEIGHT, Wav2LipRecipe, switch_on
from training.settings import Settings


@pytest.fixture
def expert(tmp_path: Path) -> Path:
    path = tmp_path / "expert.safetensors"
    torch.manual_seed(0)
    checkpoint.save(path, Expert(frames=2, width=0.1), Info())
    return path


def settings_of(tmp_path: Path, packed: Path, expert: Path | None, **task: object) -> Settings:
    return Settings.model_validate(
        {
            "model": "wav2lip",
            "out": tmp_path / "out",
            "data": {"packed": packed},
            "run": {"steps": 2, "batch": 2, "precision": "fp32", "evaluate_every": 100},
            "wav2lip": {"width": 0.1, "frames": 2, "expert": expert, **task},
        }
    )


def test_the_weight_is_switched_on_once_under_the_bound(
    tmp_path: Path, packed: Path, expert: Path
) -> None:
    settings, state = settings_of(tmp_path, packed, expert), State()
    switch_on(state, settings.wav2lip, 0.76)
    assert state.values.get(SYNC_WEIGHT, 0.0) == 0.0
    switch_on(state, settings.wav2lip, 0.74)
    assert state.values[SYNC_WEIGHT] == 0.03
    switch_on(state, settings.wav2lip, 2.0)
    assert state.values[SYNC_WEIGHT] == 0.03  # it stays


def test_the_weight_survives_resumption(tmp_path: Path, packed: Path, expert: Path) -> None:
    # a bound that every evaluation is under
    settings = settings_of(tmp_path, packed, expert, sync_threshold=100.0)
    settings = settings.model_copy(
        update={"run": settings.run.model_copy(update={"evaluate_every": 1, "steps": 1})}
    )
    Trainer(Wav2LipRecipe(settings), settings).run()
    # resumed without another evaluation: the weight can only come from the checkpoint
    later = settings.model_copy(
        update={"run": settings.run.model_copy(update={"evaluate_every": 100, "steps": 2})}
    )
    trainer = Trainer(Wav2LipRecipe(later), later)
    assert trainer.state.values == {}
    trainer.run()
    assert trainer.state.values == {SYNC_WEIGHT: 0.03}
    assert "sync" in (tmp_path / "out" / "curves.csv").read_text()


def test_the_sync_loss_moves_the_generator_not_the_expert(
    tmp_path: Path, packed: Path, expert: Path
) -> None:
    settings = settings_of(tmp_path, packed, expert)
    recipe = Wav2LipRecipe(settings)
    trainer = Trainer(recipe, settings)
    batch = next(recipe.batches(0, trainer.world))
    gradients = []
    for weight in (0.0, 0.03):
        recipe.modules["generator"].zero_grad()
        recipe.step(batch, State(values={SYNC_WEIGHT: weight}), trainer)
        last = recipe.modules["generator"].output_block[1].weight.grad  # type: ignore[index]
        gradients.append(last.clone())
    assert not torch.allclose(gradients[0] * 0.97, gradients[1])
    assert recipe.expert is not None
    assert all(parameter.grad is None for parameter in recipe.expert.parameters())


def test_a_tuned_expert_learns_and_is_exported(tmp_path: Path, packed: Path, expert: Path) -> None:
    settings = settings_of(tmp_path, packed, expert, tune_expert=True)
    settings = settings.model_copy(
        update={"run": settings.run.model_copy(update={"evaluate_every": 2})}
    )
    recipe = Wav2LipRecipe(settings)
    Trainer(recipe, settings).run()
    before = checkpoint.load_expert(expert).model.state_dict()
    tuned = checkpoint.load_expert(tmp_path / "out" / "export" / "expert_tuned.safetensors")
    moved = {n for n, t in tuned.model.state_dict().items() if not torch.allclose(t, before[n])}
    assert "face_encoder.0.conv_block.0.weight" in moved
    assert "tune" in (tmp_path / "out" / "curves.csv").read_text()
    with pytest.raises(ConfigError, match="there is no expert"):
        Wav2LipRecipe(settings_of(tmp_path, packed, None, tune_expert=True, sync_weight=0.0))


def test_an_expert_of_another_length_is_refused(tmp_path: Path, packed: Path, expert: Path) -> None:
    with pytest.raises(ConfigError, match="expert takes 2"):
        Wav2LipRecipe(settings_of(tmp_path, packed, expert, frames=5))
    with pytest.raises(ConfigError, match="needs an expert"):
        Wav2LipRecipe(settings_of(tmp_path, packed, None))


def test_the_generator_begins_with_the_experts_audio_encoder() -> None:
    expert, generator = Expert(frames=2, width=0.1), Generator(width=0.1)
    taken = copy_audio_encoder(expert, generator)
    assert taken == len(generator.audio_encoder.state_dict())
    first = generator.audio_encoder[0].state_dict()
    for name, value in expert.audio_encoder[0].state_dict().items():
        assert torch.equal(first[name], value)
    last = generator.audio_encoder[-1].state_dict()
    for name, value in expert.audio_encoder[-1].state_dict().items():
        assert torch.equal(last[name], value)
