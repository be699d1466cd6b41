"""From an 8-bit ONNX export to CTranslate2, against the model that was exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
import tiny_onnx_whisper
import torch

from f2f.errors import InputError
from f2f.weights.onnx_whisper import DECODER, ENCODER, convert, read_graph

STEPS = 255
"""Of an 8-bit number."""


@pytest.fixture(scope="module")
def original() -> Any:
    return tiny_onnx_whisper.model()


@pytest.fixture(scope="module")
def export(original: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_onnx_whisper.save(original, tmp_path_factory.mktemp("export"))


def test_every_weight_comes_back_within_half_a_step(original: Any, export: Path) -> None:
    state = original.state_dict()
    found = read_graph(export / ENCODER, "model.encoder.") | read_graph(export / DECODER)
    assert found.keys() == state.keys() - {"proj_out.weight"}
    for name, value in found.items():
        true = state[name].numpy()
        step = (max(true.max(), 0) - min(true.min(), 0)) / STEPS
        np.testing.assert_allclose(value, true, atol=0.51 * step, err_msg=name)


@pytest.mark.slow
def test_the_converted_model_hears_as_the_original(
    original: Any, export: Path, tmp_path: Path
) -> None:
    convert(export, tmp_path / "ct2")
    assert not list(tmp_path.glob(".converting-*"))
    files = {"config.json", "model.bin", "tokenizer.json", "vocabulary.json"}
    assert {path.name for path in (tmp_path / "ct2").iterdir()} == files
    mel = np.random.default_rng(0).standard_normal((1, 80, 3000)).astype(np.float32)
    with torch.no_grad():
        true = original.model.encoder(torch.from_numpy(mel)).last_hidden_state.numpy()
    loaded = ctranslate2.models.Whisper(str(tmp_path / "ct2"), device="cpu", compute_type="float32")
    heard = np.array(loaded.encode(ctranslate2.StorageView.from_array(mel)))
    assert np.corrcoef(true.ravel(), heard.ravel())[0, 1] > 0.999


def test_another_file_is_refused(export: Path, tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_bytes(b"\xff" * 40)
    with pytest.raises(InputError, match="not an ONNX model"):
        read_graph(tmp_path / "text.onnx")


def test_half_an_export_is_refused(original: Any, tmp_path: Path) -> None:
    folder = tiny_onnx_whisper.save(original, tmp_path / "export")
    (folder / ENCODER).write_bytes((folder / DECODER).read_bytes())
    with pytest.raises(InputError, match=r"not an 8-bit Whisper: no model\.encoder"):
        convert(folder, tmp_path / "ct2")
