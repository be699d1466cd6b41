"""Every shipped configuration loads; a typo does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2f.errors import ConfigError
from training import settings

SHIPPED = sorted((Path(__file__).parents[2] / "configs" / "train").glob("*.yaml"))


def test_there_are_shipped_configurations() -> None:
    assert {"expert_lrs2", "wav2lip_lrs2", "wav2lip_gan_lrs2", "lipgan_lrs2"} <= {
        path.stem for path in SHIPPED
    }


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_configuration_loads(path: Path) -> None:
    loaded = settings.load(path)
    assert path.stem.startswith(loaded.model.replace("-", "_"))
    assert len(loaded.digest()) == 64


def test_the_papers_weights_are_the_papers() -> None:
    loaded = settings.load(next(path for path in SHIPPED if path.stem == "wav2lip_gan_lrs2"))
    task = loaded.wav2lip
    assert (task.sync_weight, task.adversarial_weight, task.sync_threshold) == (0.03, 0.07, 0.75)
    assert loaded.optimiser.rate == 1e-4 and loaded.optimiser.betas == (0.5, 0.999)
    assert loaded.run.batch * loaded.run.accumulate == 80 and task.lower_half == 0.0


def test_a_typo_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("model: expert\nout: x\nrun: {stepz: 3}\n")
    with pytest.raises(ConfigError, match="stepz"):
        settings.load(path)
    path.write_text("model: expert\nout: x\n")
    assert settings.load(path, ["run.steps=7"]).run.steps == 7
    with pytest.raises(ConfigError):
        settings.load(path, ["run.steps"])


def test_the_digest_does_not_depend_on_places(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("model: expert\nout: x\n")
    base = settings.load(path).digest()
    assert settings.load(path, ["out=y", "data.packed=z"]).digest() == base
    assert settings.load(path, ["run.seed=1"]).digest() != base
