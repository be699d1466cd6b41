from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lipsync.checkpoint import (
    KINDS,
    METADATA,
    Info,
    load,
    load_expert,
    load_generator,
    load_syncnet,
    save,
)
from lipsync.errors import CheckpointError
from lipsync.expert import Expert
from lipsync.generator import FaceGenerator, Generator
from lipsync.quality import QualityDiscriminator
from lipsync.syncnet import SyncNet

PUBLISHED = Path(__file__).parent / "published"
"""Every name and shape in the published files."""

FILES: dict[str, tuple[type[nn.Module], int]] = {
    "wav2lip": (Generator, 36_298_035),
    "wav2lip_gan": (Generator, 36_298_035),
    "lipsync_expert": (Expert, 16_435_072),
    "visual_quality_disc": (QualityDiscriminator, 14_113_793),
}
INFO = Info("made up", "MIT", "ab" * 32, mel_offset=-3, steps=7)


def published_state(name: str) -> OrderedDict[str, Tensor]:
    """Tensors of the names and shapes in a published file, each with a value of its own."""
    shapes = json.loads((PUBLISHED / f"{name}.json").read_text())
    state: OrderedDict[str, Tensor] = OrderedDict()
    for number, (key, shape) in enumerate(shapes.items()):
        counter = key.endswith("num_batches_tracked")
        state[key] = torch.tensor(number) if counter else torch.full(shape, number / 1000)
    return state


def published_file(path: Path, state: OrderedDict[str, Tensor]) -> Path:
    """A file as the published training code writes it, optimiser and all."""
    optimiser = torch.optim.Adam([nn.Parameter(torch.ones(3))])
    content = {
        "state_dict": state,
        "optimizer": optimiser.state_dict(),
        "global_step": 396000,
        "global_epoch": 203,
    }
    torch.save(content, path)
    return path


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("prefix", ["", "module."])
def test_published_files_load_strictly(name: str, prefix: str, tmp_path: Path) -> None:
    state = published_state(name)
    plain = {key.removeprefix("module."): tensor for key, tensor in state.items()}
    prefixed = OrderedDict((prefix + key, tensor) for key, tensor in plain.items())
    kind, parameters = FILES[name]
    model = load(published_file(tmp_path / f"{name}.pth", prefixed), kind).model
    loaded = model.state_dict()
    assert loaded.keys() == plain.keys()  # all keys used, none left over
    assert all(torch.equal(loaded[key], plain[key]) for key in plain)
    assert sum(p.numel() for p in model.parameters()) == parameters
    assert not model.training


def test_the_short_ways_load_published_files(tmp_path: Path) -> None:
    generator = published_file(tmp_path / "a.pth", published_state("wav2lip"))
    expert = published_file(tmp_path / "b.pth", published_state("lipsync_expert"))
    assert "research" in load_generator(generator).info.licence
    assert load_expert(expert).model.dims.frames == 5
    syncnet = SyncNet()
    torch.save(syncnet.state_dict(), tmp_path / "syncnet_v2.model")
    assert load_syncnet(tmp_path / "syncnet_v2.model").model.dims.embedding == 1024


def test_an_experts_window_is_read_off_its_weights(tmp_path: Path) -> None:
    torch.save(Expert(frames=3).state_dict(), tmp_path / "e.pth")
    assert load_expert(tmp_path / "e.pth").model.dims.frames == 3


MODELS = {
    "wav2lip": {"width": 0.125, "size": 192},
    "lipgan": {"width": 0.125, "sound": "mfcc"},
    "speech2vid": {"width": 0.125},
    "expert": {"width": 0.125, "frames": 3},
    "quality": {"width": 0.125},
    "lipgan-discriminator": {"width": 0.125, "sound": "mel"},
    "syncnet": {"embedding": 16},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_rebuilds_its_model(kind: str, tmp_path: Path) -> None:
    model = KINDS[kind](**MODELS[kind])
    save(tmp_path / "m.safetensors", model, INFO)
    loaded = load(tmp_path / "m.safetensors", nn.Module)
    assert type(loaded.model) is type(model)
    assert loaded.model.dims == model.dims
    assert loaded.info == INFO
    ours = loaded.model.state_dict()
    assert all(torch.equal(t, ours[n]) for n, t in model.state_dict().items())
    assert [p.name for p in tmp_path.iterdir()] == ["m.safetensors"]


def test_half_storage_is_half_the_size_and_loads_as_fp32(small: Generator, tmp_path: Path) -> None:
    save(tmp_path / "full.safetensors", small, INFO)
    save(tmp_path / "half.safetensors", small, INFO, half=True)
    full, half = ((tmp_path / f"{n}.safetensors").stat().st_size for n in ("full", "half"))
    assert half < 0.55 * full
    model = load_generator(tmp_path / "half.safetensors").model
    assert all(p.dtype == torch.float32 for p in model.parameters())
    mels, faces = torch.rand(1, 1, 80, 16), torch.rand(1, 6, 96, 96)
    with torch.inference_mode():
        assert torch.allclose(model(mels, faces), small(mels, faces), atol=2e-2)


def test_saving_what_fp16_cannot_hold_is_refused(tmp_path: Path) -> None:
    model = Generator(width=0.125)
    next(model.parameters()).data.fill_(1e6)
    with pytest.raises(CheckpointError, match="not finite"):
        save(tmp_path / "m.safetensors", model, INFO, half=True)
    assert not any(tmp_path.iterdir())


def test_unknown_models_are_not_saved(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot save a Linear"):
        save(tmp_path / "m.safetensors", nn.Linear(1, 1), INFO)


def test_a_missing_key_a_strange_key_and_a_wrong_shape_are_named(tmp_path: Path) -> None:
    state = published_state("wav2lip_gan")
    state.pop("output_block.1.bias")
    state["output_block.9.bias"] = torch.zeros(3)
    state["output_block.1.weight"] = torch.zeros(3, 31, 1, 1)
    with pytest.raises(CheckpointError) as error:
        load_generator(published_file(tmp_path / "w.pth", state))
    message = str(error.value)
    assert "lacks output_block.1.bias" in message
    assert "unknown output_block.9.bias" in message
    assert "(3, 31, 1, 1), not (3, 32, 1, 1)" in message


def test_weights_of_another_model_are_refused_in_one_short_sentence(tmp_path: Path) -> None:
    path = published_file(tmp_path / "e.pth", published_state("lipsync_expert"))
    with pytest.raises(CheckpointError, match="does not hold a wav2lip") as error:
        load_generator(path)
    assert len(str(error.value)) < 1500
    save(tmp_path / "e.safetensors", Expert(width=0.125), INFO)
    with pytest.raises(CheckpointError, match="holds a expert, not a FaceGenerator"):
        load_generator(tmp_path / "e.safetensors")


def test_nan_weights_are_refused(tmp_path: Path) -> None:
    state = published_state("wav2lip_gan")
    state["output_block.1.bias"][1] = float("nan")
    with pytest.raises(CheckpointError, match=r"NaN.*output_block\.1\.bias"):
        load_generator(published_file(tmp_path / "w.pth", state))


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.mkdir, (self.mark,)


@pytest.mark.parametrize("how", ["torch", "plain"])
def test_a_pickle_with_code_is_refused_and_not_run(how: str, tmp_path: Path) -> None:
    mark = tmp_path / "exploded"
    path = tmp_path / "evil.pth"
    content = {"state_dict": published_state("visual_quality_disc"), "global_step": Bomb(mark)}
    if how == "torch":
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(Bomb(mark)))
    with pytest.raises(CheckpointError, match=r"evil\.pth is not plain weights"):
        load(path, QualityDiscriminator)
    assert not mark.exists()


def damaged_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme", "no weights")
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("content", [b"", b"nonsense" * 100, damaged_zip()])
def test_damaged_files_are_refused(suffix: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"w{suffix}"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="w\\."):
        load_generator(path)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_truncated_files_are_refused(small: Generator, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"w{suffix}"
    if suffix == ".pth":
        torch.save(small.state_dict(), path)
    else:
        save(path, small, INFO)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CheckpointError):
        load_generator(path)


@pytest.mark.parametrize("content", [[1, 2], {}, {"state_dict": 5}, {"a": "b"}, {"state_dict": {}}])
def test_files_without_weights_are_refused(content: object, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="holds"):
        load_generator(tmp_path / "w.pth")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no weights file"):
        load_generator(tmp_path / "w.pth")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "unknown"},
        {"dims": {"width": -1}},
        {"dims": {"width": float("inf")}},
        {"dims": {"depth": 3}},
        {"dims": {"size": 100}},
        {"dims": 5},
        {"licence": None},
    ],
)
def test_metadata_that_rebuilds_no_model_is_refused(
    small: Generator, change: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    save(path, small, INFO)
    header = {"kind": "wav2lip", "dims": {"width": 0.125}, **INFO.__dict__, **change}
    header = {key: value for key, value in header.items() if value is not None}
    save_file(load_file(path), path, metadata={METADATA: json.dumps(header)})
    with pytest.raises(CheckpointError, match=r"m\.safetensors"):
        load(path, FaceGenerator)


def test_safetensors_without_our_metadata_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "m.safetensors")
    with pytest.raises(CheckpointError, match="no lipsync metadata"):
        load_generator(tmp_path / "m.safetensors")
