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


class FakeGpus:
    """Random states of some GPUs, in the place of torch's functions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        self.states = [torch.tensor([number], dtype=torch.uint8) for number in range(count)]
        for name in ("is_available", "device_count", "get_rng_state_all", "set_rng_state_all"):
            monkeypatch.setattr(torch.cuda, name, getattr(self, name))

    def is_available(self) -> bool:
        return bool(self.states)

    def device_count(self) -> int:
        return len(self.states)

    def get_rng_state_all(self) -> list[torch.Tensor]:
        return [state.clone() for state in self.states]

    def set_rng_state_all(self, states: list[torch.Tensor]) -> None:
        self.states = states


@pytest.mark.parametrize(("saved", "here", "same"), [(0, 0, True), (2, 2, True), (1, 2, False)])
def test_random_numbers_go_on_on_every_device(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    saved: int,
    here: int,
    same: bool,
) -> None:
    path = tmp_path / "a.safetensors"
    FakeGpus(monkeypatch, saved)
    snapshot.save(path, {"random": snapshot.random_state()})
    expected = torch.rand(3)
    gpus = FakeGpus(monkeypatch, here)
    gpus.states = [state + 100 for state in gpus.states]
    snapshot.restore_random_state(snapshot.load(path)["random"])
    assert torch.equal(torch.rand(3), expected)
    first = 0 if same else 100
    assert [int(state) for state in gpus.states] == [first + number for number in range(here)]
    assert ("random numbers of 1 GPUs were saved, 2 are here" in caplog.text) == (not same)


def test_an_older_checkpoint_holds_the_cpus_state_alone(tmp_path: Path) -> None:
    snapshot.save(tmp_path / "a.safetensors", {"random": torch.get_rng_state()})
    expected = torch.rand(3)
    snapshot.restore_random_state(snapshot.load(tmp_path / "a.safetensors")["random"])
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpus_random_numbers_go_on(tmp_path: Path) -> None:
    snapshot.save(tmp_path / "a.safetensors", {"random": snapshot.random_state()})
    expected = torch.rand(3, device="cuda")
    snapshot.restore_random_state(snapshot.load(tmp_path / "a.safetensors")["random"])
    assert torch.equal(torch.rand(3, device="cuda"), expected)
