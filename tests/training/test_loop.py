"""Resumption: what goes on after a kill is what would have been."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

from tests.training.killed_runs import whole_and_resumed
from training import settings as configuration
from training.__main__ import recipe_of
from training.curves import CURVES
from training.loop import Trainer, rate_at
from training.settings import Optimiser, Settings

MODELS = {
    "expert": {"expert": {"width": 0.1, "windows": 3, "contrastive": 1.0}},
    "wav2lip": {
        "wav2lip": {
            "width": 0.1, "frames": 2, "sync_weight": 0.0, "adversarial_weight": 0.07,
            "quality_width": 0.1,
        }
    },
    "lipgan": {"lipgan": {"width": 0.1}},
    "guided": {"wav2lip": {"width": 0.1, "frames": 1, "sync_weight": 0.0, "guided": 0.5}},
}  # fmt: skip


def written(folder: Path, packed: Path, model: str, **run: object) -> Path:
    """A configuration file for a tiny run."""
    path = folder / "config.yaml"
    options = {
        "model": "wav2lip" if model == "guided" else model,
        "out": str(folder / "out"),
        "data": {"packed": str(packed)},
        "run": {
            "steps": 4, "batch": 2, "precision": "fp32", "threads": 1, "log_every": 1,
            "evaluate_every": 100, **run,
        },
        **MODELS[model],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(options))
    return path


def trained(settings: Settings) -> dict[str, torch.Tensor]:
    """All weights, means and moments at the end of a run, by name."""
    trainer = Trainer(recipe_of(settings), settings)
    trainer.run()
    flat: dict[str, torch.Tensor] = {}
    for name, module in trainer.recipe.modules.items():
        flat |= {f"{name}.{key}": value.clone() for key, value in module.state_dict().items()}
    for name, mean in trainer.means.items():
        flat |= {f"mean.{name}.{key}": value.clone() for key, value in mean.items()}
    return flat


@pytest.mark.parametrize("model", MODELS)
def test_a_run_in_two_halves_is_bit_equal_to_one(tmp_path: Path, coded: Path, model: str) -> None:
    torch.set_num_threads(1)
    (tmp_path / "whole").mkdir()
    (tmp_path / "halves").mkdir()
    whole = trained(configuration.load(written(tmp_path / "whole", coded, model)))
    halves = written(tmp_path / "halves", coded, model)
    trained(configuration.load(halves, ["run.steps=2"]))
    resumed = trained(configuration.load(halves))
    assert whole.keys() == resumed.keys()
    for name, value in whole.items():
        assert torch.equal(value, resumed[name]), name


@pytest.mark.slow
def test_a_killed_run_reaches_the_same_weights(tmp_path: Path, packed: Path) -> None:
    saves = {"save_minutes": 1e-6, "steps": 12}  # a checkpoint after every step
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole = written(tmp_path / "whole", packed, "wav2lip", **saves)
    killed = written(tmp_path / "killed", packed, "wav2lip", **saves)

    one, other = whole_and_resumed("wav2lip", whole, killed)
    for name, value in one["modules"]["generator"].items():
        assert torch.equal(value, other["modules"]["generator"][name]), name

    def curve(folder: str) -> list[list[str]]:
        lines = (tmp_path / folder / "out" / CURVES).read_text().splitlines()[1:]
        return [[part for at, part in enumerate(line.split(",")) if at != 1] for line in lines]

    assert curve("whole") == curve("killed")  # the same losses, step by step


def test_evaluation_leaves_the_trained_weights_alone(tmp_path: Path, packed: Path) -> None:
    settings = configuration.load(written(tmp_path, packed, "lipgan", steps=2))
    trainer = Trainer(recipe_of(settings), settings)
    trainer.run()
    before = {k: v.clone() for k, v in trainer.recipe.modules["generator"].state_dict().items()}
    found = trainer.evaluate()
    assert found["val_recon"] > 0
    for name, value in trainer.recipe.modules["generator"].state_dict().items():
        assert torch.equal(value, before[name]), name
    assert (tmp_path / "out" / "export" / "lipgan.safetensors").is_file()


def test_the_rate_rises_stays_and_falls() -> None:
    options = Optimiser(rate=1.0, warm_up=10, decay=0.5)
    rates = [rate_at(step, 100, options) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:50] == [1.0] * 41
    assert rates[75] == pytest.approx(0.5)
    assert min(rates[60:]) >= 0.02
