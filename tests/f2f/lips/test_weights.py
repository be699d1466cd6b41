"""auto: what the user imported, else what is shipped; and always by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2f import weights
from f2f.errors import ConfigError, MissingError
from f2f.lips import weights as lip_weights
from lipsync.checkpoint import Info, save
from lipsync.expert import Expert
from lipsync.generator import Generator


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one shipped generator, and an empty library of imported ones."""
    folder = tmp_path / "lipsync" / "weights"
    folder.mkdir(parents=True)
    save(folder / "expert.safetensors", Expert(width=0.0625), Info())
    save(folder / "small.safetensors", Generator(width=0.0625), Info())
    monkeypatch.setattr(lip_weights, "files", lambda package: tmp_path / package)
    monkeypatch.setattr(weights, "missing", lambda *names: "not here")
    return folder


def test_shipped_when_nothing_was_imported(shipped: Path) -> None:
    chosen = lip_weights.choose("auto")
    assert chosen.path == shipped / "small.safetensors"
    assert chosen.reason == "small.safetensors, shipped"
    assert lip_weights.choose("shipped") == chosen


def test_imported_comes_first(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "missing", lambda name: None if name == "wav2lip" else "no")
    monkeypatch.setattr(weights, "locate", lambda name: tmp_path / f"{name}.pth")
    chosen = lip_weights.choose("auto")
    assert (chosen.path.name, chosen.reason) == ("wav2lip.pth", "wav2lip, imported by you")
    assert lip_weights.choose("shipped").path.parent == shipped


def test_a_file_by_name(shipped: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    file.touch()
    assert lip_weights.choose(str(file)).path == file
    with pytest.raises(ConfigError, match="choices: auto, shipped"):
        lip_weights.choose(str(tmp_path / "none.pth"))


@pytest.mark.parametrize("name", ["intro.mp4", "mine.safetensors", "expert.safetensors"])
def test_a_file_without_a_generator_is_refused(shipped: Path, name: str) -> None:
    file = shipped / name
    if not file.exists():
        file.write_bytes(b"no weights")
    with pytest.raises(ConfigError, match=f"^lips.weights: {name}"):
        lip_weights.admit(str(file))
    own = str(shipped / "small.safetensors")
    assert lip_weights.admit(own) == lip_weights.choose(own)


def test_nothing_at_all_says_what_to_do(shipped: Path) -> None:
    (shipped / "small.safetensors").unlink()
    with pytest.raises(MissingError, match="f2f models import"):
        lip_weights.choose("auto")
