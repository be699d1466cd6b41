"""What is known of a Coqui model without loading it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from f2f.backends.speech.coqui import Coqui
from f2f.config import Config, load


def named(folder: Path) -> Config:
    return load(overrides=(f"speech.model={folder}",))


@pytest.mark.parametrize("code", ["pt", "pt-br"])
def test_a_model_may_name_a_language_with_its_region(tmp_path: Path, code: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"languages": ["en", code]}))
    assert Coqui.voices("pt", named(tmp_path))
    assert not Coqui.voices("hi", named(tmp_path))


def test_the_identity_changes_with_weights_of_the_same_size(tmp_path: Path) -> None:
    weights = tmp_path / "model.pth"
    weights.write_bytes(b"old")
    before = Coqui.identity(named(tmp_path))
    assert Coqui.identity(named(tmp_path)) == before
    weights.write_bytes(b"new")
    os.utime(weights, ns=(0, weights.stat().st_mtime_ns + 1_000))
    assert Coqui.identity(named(tmp_path)) != before
