"""Two processes over gloo are one run of twice the batch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from torch import distributed

from training import snapshot
from training.loop import CHECKPOINT
from training.parallel import World, join

PROBE = """
import sys, torch
from torch import distributed
from training.parallel import join, mean_gradients, mean_value, same_start
world = join(torch.device("cpu"))
torch.manual_seed(world.rank)
layer = torch.nn.Linear(4, 1)
same_start([layer], world)
x = torch.arange(8.0).reshape(2, 4)[world.rank : world.rank + 1]
layer(x).sum().backward()
mean_gradients(layer.parameters(), world)
wanted = torch.arange(8.0).reshape(2, 4).mean(0)
assert torch.equal(layer.weight.grad[0], wanted), layer.weight.grad
assert mean_value(float(world.rank), world) == 0.5
both = [torch.empty_like(layer.weight) for _ in range(2)]
distributed.all_gather(both, layer.weight.detach())
assert torch.equal(*both)
distributed.destroy_process_group()
"""


def torchrun(*command: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"]
    line += ["--master-addr=127.0.0.1", "--master-port=0", "--rdzv-backend=c10d"]
    line += ["--rdzv-endpoint=127.0.0.1:0", *command]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)


def test_every_process_takes_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[object] = []
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(distributed, "is_initialized", lambda: False)
    monkeypatch.setattr(distributed, "init_process_group", chosen.append)
    monkeypatch.setattr(distributed, "get_rank", lambda: 1)
    assert join(torch.device("cuda")) == World(1, 2)
    assert chosen == [1, "nccl"]


@pytest.mark.slow
def test_gradients_are_averaged_and_weights_are_shared(tmp_path: Path) -> None:
    script = tmp_path / "probe.py"
    script.write_text(PROBE)
    done = torchrun(str(script))
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_a_run_on_two_processes_ends_with_one_checkpoint(tmp_path: Path, packed: Path) -> None:
    config = tmp_path / "config.yaml"
    options = {
        "model": "lipgan",
        "out": str(tmp_path / "out"),
        "data": {"packed": str(packed)},
        "run": {"steps": 2, "batch": 2, "precision": "fp32", "threads": 1, "log_every": 1},
        "lipgan": {"width": 0.1},
    }
    config.write_text(yaml.safe_dump(options))
    done = torchrun("-m", "training", "lipgan", str(config))
    assert done.returncode == 0, done.stderr[-2000:]
    saved = snapshot.load(tmp_path / "out" / CHECKPOINT)
    assert saved["state"]["step"] == 2
    assert saved["state"]["samples"] == 2 * 2 * 2  # steps × batch × processes
    weights = saved["modules"]["generator"].values()
    assert all(bool(torch.isfinite(weight).all()) for weight in weights)
