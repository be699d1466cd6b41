from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.lip_memory import peak_bytes
from benchmarks.lip_speed import multiply_adds, peaks
from lipsync.checkpoint import Info, save
from lipsync.generator import Generator
from lipsync.lipgan import LipGan


def test_the_published_model_takes_four_thousand_million_multiply_adds() -> None:
    assert multiply_adds(Generator()) == pytest.approx(4.0e9, rel=0.02)
    assert multiply_adds(LipGan(width=0.125)) < multiply_adds(LipGan(width=0.25))


def test_every_arithmetic_has_a_peak() -> None:
    rates = peaks("cpu")
    assert rates.keys() == {"fp32", "bf16", "int8"}
    assert all(rate > 1e8 for rate in rates.values())


@pytest.mark.slow
def test_memory_does_not_grow_with_the_video() -> None:
    few, many = peak_bytes(500), peak_bytes(10_000)
    assert many < few * 1.03  # 10,000 mouths would be 276 MB


@pytest.mark.slow
def test_the_benchmark_writes_its_figures(small: Generator, tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    save(tmp_path / "w.safetensors", small, Info())
    command = [sys.executable, "-m", "benchmarks.lipsync", "--skip-full", "--device", "cpu"]
    command += ["--weights", str(tmp_path / "w.safetensors"), "--json", str(tmp_path / "f.json")]
    command += ["--paths", "fp32", "bf16", "--batch", "2", "--faces", "8", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = json.loads((tmp_path / "f.json").read_text())["rows"]
    assert [row["path"] for row in rows] == ["eager", "fp32", "bf16"]
    assert rows[0]["speedup"] == 1 and rows[0]["mean_difference"] == 0
    assert all(row["limit"] > 0 and row["faces_per_second"] > 0 for row in rows)
    assert "w.safetensors" in done.stdout
