from __future__ import annotations

import os
import shutil
from pathlib import Path

from f2f.backends import model_files


def test_exchanged_weights_are_another_state(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    absent = model_files.state(file)
    file.write_bytes(b"weights")
    first = model_files.state(tmp_path)
    assert absent != model_files.state(file)
    assert model_files.state(tmp_path) == first
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1_000_000_000))
    assert model_files.state(tmp_path) != first


def test_weights_older_than_the_rest_of_the_folder_are_another_state_too(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    weights = tmp_path / "deep" / "model.bin"
    weights.write_bytes(b"weights")
    (tmp_path / "config.json").write_text("{}")
    first = model_files.state(tmp_path)
    os.utime(weights, ns=(0, 1_000_000_000))
    assert model_files.state(tmp_path) != first


def test_the_state_says_nothing_of_the_place(tmp_path: Path) -> None:
    model, copy = tmp_path / "one" / "model", tmp_path / "other" / "model"
    model.mkdir(parents=True)
    (model / "model.bin").write_bytes(b"weights")
    shutil.copytree(model, copy)
    assert model_files.state(model) == model_files.state(copy)
    assert str(tmp_path) not in model_files.state(model)
