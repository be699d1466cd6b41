"""auto: what the user imported, else what is shipped; and always by name."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from f2f import weights
from f2f.errors import ConfigError, MissingError
from f2f.lips import weights as lip_weights
from f2f.store.digests import digest_file
from f2f.weights import Catalogue, Library
from f2f.weights.catalogue import PinnedFile
from lipsync.checkpoint import Info, save
from lipsync.expert import Expert
from lipsync.generator import Generator


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one shipped generator that the catalogue knows, and an empty library."""
    folder = tmp_path / "lipsync" / "weights"
    folder.mkdir(parents=True)
    save(folder / "expert.safetensors", Expert(width=0.0625), Info())
    small = folder / "small.safetensors"
    save(small, Generator(width=0.0625), Info())
    known = weights.catalogue()
    entry = dataclasses.replace(
        known.entry(lip_weights.SHIPPED_ENTRY),
        files=(PinnedFile(small.name, small.stat().st_size, digest_file(small)),),
    )
    library = Library(
        tmp_path / "library",
        Catalogue({**known.entries, entry.name: entry}, known.sets),
        shipped=(tmp_path / "nowhere", folder),
    )
    monkeypatch.setattr(weights, "library", lambda: library)
    return folder


def test_shipped_when_nothing_was_imported(shipped: Path) -> None:
    chosen = lip_weights.choose("auto")
    assert chosen.path == shipped / "small.safetensors"
    assert chosen.reason == "small.safetensors, shipped"
    assert lip_weights.choose("shipped") == chosen


def test_imported_comes_first(shipped: Path, tmp_path: Path) -> None:
    for name, first in (("wav2lip", "wav2lip"), ("wav2lip_gan", "wav2lip-gan")):
        place = tmp_path / "library" / first / f"{name}.pth"
        place.parent.mkdir(parents=True)
        place.touch()
        place.with_name(f"{place.name}.sha256").touch()
        chosen = lip_weights.choose("auto")
        assert (chosen.path, chosen.reason) == (place, f"{first}, imported by you")
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


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_bytes(b"another")])
def test_nothing_at_all_says_what_to_do(shipped: Path, damage: object) -> None:
    assert callable(damage)
    damage(shipped / "small.safetensors")
    with pytest.raises(MissingError, match=r"pip install dist/face_to_face_weights.*models import"):
        lip_weights.choose("auto")
