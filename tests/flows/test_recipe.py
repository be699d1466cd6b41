from __future__ import annotations

import sys
from pathlib import Path

import fake_recipe
import pytest

from f2f import pipeline
from f2f.errors import ConfigError
from f2f.store.stage import Stage
from flows.items import recipe
from flows.items.options import BatchOptions
from flows.tasks.runner import StageCall, make


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    package = folder / "installed-0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Name: installed\nVersion: 0\n")
    (package / "entry_points.txt").write_text(f"[{recipe.GROUP}]\n{entry}\n")
    monkeypatch.syspath_prepend(str(folder))


@pytest.mark.parametrize(
    "name",
    ["importable", "importable:recipe", "os:getcwd", "flows.items.recipe:dubbing", "fake_recipe"],
)
def test_no_module_is_imported_because_a_parameter_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, course: BatchOptions, name: str
) -> None:
    (tmp_path / "importable.py").write_text("raise SystemExit('code from outside')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigError, match=r"no recipe .*choices: dubbing, fake"):
        recipe.find(name)
    item = course.listing().items[0]
    made = fake_recipe.ingest.artefact(item.config, item.video)
    for call in (
        StageCall(name, "ingest", made, (item.video,), item.config),
        StageCall("fake", name, made, (item.video,), item.config),
    ):
        with pytest.raises(ConfigError, match="there is no"):
            make.fn(call)
    assert "importable" not in sys.modules


def test_an_installed_recipe_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, "mine = fake_recipe:recipe")
    assert recipe.find("mine") == fake_recipe.recipe()


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("mine = nowhere:recipe", "cannot be loaded"),
        ("mine = fake_recipe:nothing", "cannot be loaded"),
        ("mine = os:getcwd", "does not give a recipe"),
    ],
)
def test_an_entry_point_must_give_a_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, why: str
) -> None:
    install(tmp_path, monkeypatch, entry)
    with pytest.raises(ConfigError, match=why):
        recipe.find("mine")


def test_an_installed_recipe_does_not_replace_the_built_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, "dubbing = fake_recipe:recipe")
    assert recipe.find("dubbing").make is pipeline.translate


def test_dubbing_knows_every_stage_that_its_pipeline_runs() -> None:
    dubbing = recipe.find(recipe.DUBBING)
    for name in ("ingest", "transcribe", "synthesise", "align", "sync_lips", "deliver"):
        found = dubbing.stage(name)
        assert isinstance(found, Stage) and found.name == name
