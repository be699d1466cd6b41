from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from f2f.cli.stores import app
from f2f.errors import ConfigError
from f2f.store.artefacts import META, Artefact, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    for key, days in (("young", 1), ("old", 40)):
        artefact = Artefact("transcribe", key)
        store.make(artefact, lambda folder: [(folder / "x").write_text("1234")][:0], {})
        then = time.time() - days * 24 * 3600
        os.utime(store.path(artefact, META), (then, then))
    return store


def call(store: Store, *arguments: str) -> str:
    result = CliRunner().invoke(
        app, [*arguments, "--set", f"store.path={store.root}"], catch_exceptions=False
    )
    assert result.exit_code == 0
    return result.output


def test_ls(store: Store) -> None:
    assert "transcribe            2" in call(store, "ls")


def test_gc_by_age(store: Store) -> None:
    assert "would remove 1 artefacts" in call(store, "gc", "--older-than", "30d", "--dry-run")
    assert "removed 1 artefacts (0.0 MB); 1 stay" in call(store, "gc", "--older-than", "30d")
    assert [item.key for item in store.artefacts()] == ["young"]


def test_gc_of_the_unneeded(store: Store) -> None:
    assert "removed 2 artefacts" in call(store, "gc", "--unneeded")


@pytest.mark.parametrize("arguments", [(), ("--older-than", "30"), ("--older-than", "a month")])
def test_gc_wants_a_rule(store: Store, arguments: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError):
        call(store, "gc", *arguments)


def test_verify_reads_everything_and_removes_what_is_damaged(store: Store) -> None:
    assert "2 artefacts are whole, 0 were damaged" in call(store, "verify")
    path = store.path(Artefact("transcribe", "old"), "x")
    then = path.stat().st_mtime_ns
    path.write_text("1239")  # neither its size nor its time says so
    os.utime(path, ns=(then, then))
    told = call(store, "verify")
    assert "removed transcribe/old" in told and "1 artefacts are whole, 1 were damaged" in told
    assert [item.key for item in store.artefacts()] == ["young"]
