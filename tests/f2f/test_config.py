from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from f2f import config
from f2f.errors import ConfigError

SHIPPED = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))


def test_layers_win_in_order(tmp_path: Path) -> None:
    file = tmp_path / "options.yaml"
    file.write_text("delivery: {crf: 30, preset: slow}\nspeech: {voice: a}\n")
    loaded = config.load(
        file, ("delivery.crf=25", "speech.voice=b"), {"speech.voice": "c", "speech.model": None}
    )
    assert (loaded.delivery.crf, loaded.delivery.preset, loaded.speech.voice) == (25, "slow", "c")
    assert loaded.speech.model is None


def test_a_typo_fails_and_shows_the_choices() -> None:
    with pytest.raises(ConfigError, match=r"delivery\.crff.*did you mean 'crf'.*preset"):
        config.load(overrides=("delivery.crff=20",))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("delivery.crf=99", "delivery.crf: Input should be less than or equal to 51"),
        ("crf", "not of the form key=value"),
        ("delivery.crf=[1", "the value is no YAML"),
        ("delivery=3", "delivery"),
        ("lips.path=quick", "lips.path"),
        ("soundtrack.loudness=.nan", r"^soundtrack\.loudness: Input should be a finite number"),
        ("soundtrack.loudness=-90", r"^soundtrack\.loudness: Input should be greater"),
        ("soundtrack.duck_db=-.inf", r"^soundtrack\.duck_db: "),
        ("soundtrack.true_peak=-90", r"^soundtrack\.true_peak: "),
    ],
)
def test_bad_overrides_are_one_sentence(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        config.load(overrides=(override,))
    assert "\n" not in str(caught.value)


def test_no_number_may_be_infinite() -> None:
    for topic, settings in config.Config():
        for name, value in settings:
            if isinstance(value, float):
                for odd in (".nan", ".inf", "-.inf"):
                    with pytest.raises(ConfigError, match=rf"^{topic}\.{name}: "):
                        config.load(overrides=(f"{topic}.{name}={odd}",))


def test_an_unreadable_file_is_a_config_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [1")
    for file in (tmp_path / "absent.yaml", broken):
        with pytest.raises(ConfigError, match="cannot read the configuration"):
            config.load(file)
    broken.write_text("- a list")
    with pytest.raises(ConfigError, match="must be a mapping"):
        config.load(broken)


def test_a_country_code_that_yaml_reads_as_false_stays_text() -> None:
    assert config.load(options={"languages.target": "no"}).languages.target == "no"


@pytest.mark.parametrize(
    "revision",
    [
        "main",
        "v1.0",
        "refs/pr/1",
        "abc1234",
        "a" * 39,
        "a" * 41,
        "A" * 40,
        "g" * 40,
        "",
        "a" * 39 + "\n",
    ],
)
def test_what_may_become_other_code_is_no_revision(revision: str) -> None:
    with pytest.raises(ConfigError, match=r"translation\.revision.*\{40\}"):
        config.load(options={"translation.revision": revision})
    commit = "0123456789abcdef" * 2 + "01234567"
    assert config.load(options={"translation.revision": commit}).translation.revision == commit


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_configuration_loads(file: Path) -> None:
    assert isinstance(config.load(file), config.Config)


def test_the_default_preset_names_every_option_with_its_default() -> None:
    file = Path(__file__).parents[2] / "configs" / "default.yaml"
    assert config.load(file) == config.Config()
    assert yaml.safe_load(file.read_text()) == config.Config().model_dump(mode="json")


def test_every_field_has_a_docstring() -> None:
    for topic in config.Config.model_fields.values():
        for name, field in topic.annotation.model_fields.items():  # type: ignore[union-attr]
            assert field.description, f"{topic.annotation}.{name}"
