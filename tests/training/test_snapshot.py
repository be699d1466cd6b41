"""Checkpoints: what goes in comes out, and nothing else is read."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from f2f.errors import InputError
from training import snapshot


def test_an_optimiser_survives(tmp_path: Path) -> None:
    layer = torch.nn.Linear(3, 2)
    adam = torch.optim.AdamW(layer.parameters(), lr=0.1)
    layer(torch.ones(1, 3)).sum().backward()
    adam.step()
    state = {"adam": adam.state_dict(), "values": {"x": 0.1}, "none": None, "list": [1, "two"]}
    snapshot.save(tmp_path / "a.safetensors", state)
    found = snapshot.load(tmp_path / "a.safetensors")
    assert found["values"] == {"x": 0.1} and found["none"] is None and found["list"] == [1, "two"]
    assert found["adam"]["state"].keys() == {0, 1}
    for number, moments in adam.state_dict()["state"].items():
        for name, tensor in moments.items():
            assert torch.equal(found["adam"]["state"][number][name], tensor)
    torch.optim.AdamW(layer.parameters()).load_state_dict(found["adam"])


def test_damage_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(b"no checkpoint")
    with pytest.raises(InputError, match="no training checkpoint"):
        snapshot.load(path)
    with pytest.raises(InputError):
        snapshot.load(tmp_path / "missing.safetensors")
