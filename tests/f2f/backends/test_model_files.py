from __future__ import annotations

import os
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
