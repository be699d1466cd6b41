"""Every shipped configuration loads; a typo does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2f.errors import ConfigError
from f2f.strict_config import Topic
from tests import malformed
from training import settings
from training.__main__ import main
from training.loop import device_of

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


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "good.yaml"
    path.write_text("model: expert\nout: x\n")
    return path


@pytest.mark.parametrize("lines", malformed.overrides("run", "steps"), ids=repr)
def test_malformed_overrides_are_one_sentence(written: Path, lines: tuple[str, ...]) -> None:
    malformed.assert_one_sentence(lambda: settings.load(written, lines))


def test_malformed_files_are_one_sentence(tmp_path: Path) -> None:
    for path in malformed.unreadable(tmp_path):
        malformed.assert_one_sentence(lambda path=path: settings.load(path))


@pytest.mark.parametrize(
    "line",
    [
        "optimiser.rate=.inf",
        "optimiser.betas=[0.9, 1.0]",
        "optimiser.betas=[0.9]",
        "augment.mask=81",
        "run.seed=-1",
        f"run.seed={2**63}",
        "run.threads=100000",
        "wav2lip.mel_offset=1000000000000",
        "model=hearing",
    ],
)
def test_values_that_a_run_would_stumble_over_are_refused(written: Path, line: str) -> None:
    malformed.assert_one_sentence(lambda: settings.load(written, [line]))


@pytest.mark.parametrize("name", ["nonsense", "cuda:4096", "cuda:x", ""])
def test_a_device_that_is_not_here_is_one_sentence(name: str) -> None:
    malformed.assert_one_sentence(lambda: device_of(name))


def test_the_command_ends_with_the_exit_code_of_a_bad_configuration(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["expert", str(written), "--set", "run=3", "--set", "run.steps=5"]
    assert main(line) == ConfigError.exit_code
    assert capsys.readouterr().err == "error: 'run.steps' goes through a value, not a topic\n"


def test_every_option_says_what_it_is() -> None:
    for name, field in settings.Settings.model_fields.items():
        topic = field.annotation
        if isinstance(topic, type) and issubclass(topic, Topic):
            assert all(option.description for option in topic.model_fields.values()), name
