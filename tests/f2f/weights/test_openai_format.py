"""The mapping from CTranslate2's Whisper to openai-whisper's, against both originals."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import whisper

from f2f import weights
from f2f.errors import InputError
from f2f.weights.openai_format import convert, read_model

sys.path.insert(0, str(Path(__file__).parent.parent / "backends"))
import tiny_whisper

HALF = 2.0**-10
"""Relative rounding of fp16."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[whisper.Whisper, Path]:
    original = tiny_whisper.model(seed=3)
    return original, tiny_whisper.save_ctranslate2(original, tmp_path_factory.mktemp("ct2"))


@pytest.mark.slow
def test_a_model_survives_the_way_there_and_back(
    tiny: tuple[whisper.Whisper, Path], tmp_path: Path
) -> None:
    original, folder = tiny
    convert(folder, tmp_path / "tiny.pt")
    mapped = whisper.load_model(str(tmp_path / "tiny.pt"), device="cpu")
    assert mapped.dims == original.dims
    for name, value in original.state_dict().items():
        torch.testing.assert_close(
            mapped.state_dict()[name].float(), value, rtol=HALF, atol=1e-4, msg=name
        )


@pytest.mark.slow
def test_ctranslate2_and_openai_whisper_encode_alike(
    tiny: tuple[whisper.Whisper, Path], tmp_path: Path
) -> None:
    _, folder = tiny
    convert(folder, tmp_path / "tiny.pt")
    mapped = whisper.load_model(str(tmp_path / "tiny.pt"), device="cpu")
    mel = np.random.default_rng(0).standard_normal((1, 80, 3000)).astype(np.float32)
    with torch.no_grad():
        ours = mapped.encoder(torch.from_numpy(mel)).numpy()
    theirs = tiny_whisper.encoded(folder, mel)
    assert np.abs(ours).max() > 1.0
    np.testing.assert_allclose(ours, theirs, atol=2e-2)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"\x06\0\0\0\x08\0Marian\0" + bytes(40))
    with pytest.raises(InputError, match="not a CTranslate2 Whisper model"):
        read_model(tmp_path / "model.bin")
    (tmp_path / "model.bin").write_bytes(b"\x06\0")
    with pytest.raises(InputError, match="not a CTranslate2 Whisper model"):
        read_model(tmp_path / "model.bin")


@pytest.mark.assets
def test_the_real_weights_have_the_published_models_tensors() -> None:
    gap = weights.missing("whisper-base-openai")
    if gap is not None:
        pytest.skip(gap)
    content = torch.load(weights.locate("whisper-base-openai"), weights_only=True)
    published = whisper.ModelDimensions(80, 1500, 512, 8, 6, 51865, 448, 512, 8, 6)
    assert whisper.ModelDimensions(**content["dims"]) == published
    expected = whisper.Whisper(published).state_dict()
    assert {name: value.shape for name, value in expected.items()} == {
        name: value.shape for name, value in content["model_state_dict"].items()
    }
