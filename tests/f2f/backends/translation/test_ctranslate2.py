"""Published models through CTranslate2 give what the publishers' own code gives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
import tiny_models
import torch
from golden import needs_golden, read, tiny

from f2f.backends.translation.ctranslate2 import CTranslate2
from f2f.backends.translation.piece_models import pieces_of
from f2f.backends.translation.transformers import Transformers
from f2f.config import Config
from f2f.errors import InputError, StageError, UnsupportedError
from f2f.roles import Sentence
from f2f.weights.indictrans_format import convert

TEXTS = ["Hello everyone, welcome.", "The committee was walking along the river.", "Tomorrow!"]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where models are converted to."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("F2F_CACHE", str(folder))
        yield folder / "weights" / "converted"


def with_model(folder: Path, **more: Any) -> Config:
    return Config.model_validate({"translation": {"model": str(folder), "beam": 3, **more}})


def translated(kind: Any, folder: Path, **more: Any) -> list[str]:
    with kind(with_model(folder, **more)) as translator:
        found: list[str] = translator.translate([Sentence(text) for text in TEXTS], "en", "hi")
        return found


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("golden"))


@needs_golden
def test_the_golden_model_gives_the_golden_numbers(published: Path, tmp_path: Path) -> None:
    convert(published, tmp_path / "made", "float32")
    run = read("run.json")
    pieces = pieces_of(tmp_path / "made", "golden")
    words = json.loads((tmp_path / "made" / "source_vocabulary.json").read_text("utf-8"))
    written = json.loads((tmp_path / "made" / "target_vocabulary.json").read_text("utf-8"))
    numbers = {word: number for number, word in enumerate(words)}
    english = [row["english"] for row in read("preprocess.json")[: len(run["inputs"])]]
    sources = [pieces.encode(text, "en", "hi").source for text in english]
    unpadded = [
        [number for number, real in zip(row, mask, strict=True) if real]
        for row, mask in zip(run["input_ids"], run["attention_mask"], strict=True)
    ]
    unknown = numbers["<unk>"]
    assert [[numbers.get(word, unknown) for word in row] for row in sources] == unpadded

    model = ctranslate2.Translator(str(tmp_path / "made"), compute_type="float32")
    for name, beam in (("greedy", 1), ("beam4", 4)):
        steps = len(run[name][0]) - 1
        results = model.translate_batch(sources, beam_size=beam, max_decoding_length=steps)
        begun = [["</s>", *result.hypotheses[0]] for result in results]
        assert begun == [[written[number] for number in row] for row in run[name]]

    prefix = [[written[number] for number in row[1:]] for row in run["decoder_input_ids"]]
    results = model.translate_batch(
        sources,
        target_prefix=prefix,
        beam_size=1,
        max_decoding_length=len(prefix[0]) + 1,
        return_logits_vocab=True,
    )
    found = np.array([np.array(result.logits[0][-1])[:50] for result in results])
    np.testing.assert_allclose(found, run["logits_last_step_first_50"], atol=1e-4)


@needs_golden
def test_the_pieces_of_all_golden_inputs(published: Path, tmp_path: Path) -> None:
    convert(published, tmp_path / "made")
    pieces = pieces_of(tmp_path / "made", "golden")
    for row in read("preprocess.json"):
        assert pieces.encode(row["english"], "en", "hi").source == [*row["pieces"], "</s>"]


@pytest.mark.parametrize("build", [tiny_models.m2m100, tiny_models.nllb])
def test_it_gives_what_transformers_gives(build: Any, tmp_path: Path) -> None:
    folder = build(tmp_path / "model")
    assert translated(CTranslate2, folder, precision="float32") == translated(Transformers, folder)


def as_the_hub_had_it(folder: Path, keep: set[str]) -> Path:
    """Weights as pickled tensors, and no more of the tokenizer than old repositories hold."""
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    for path in folder.iterdir():
        if path.name not in keep | {"pytorch_model.bin", "config.json", "tokenizer_config.json"}:
            path.unlink()
    return folder


@pytest.mark.parametrize(
    ("build", "keep", "note"),
    [
        (tiny_models.m2m100, {"sentencepiece.bpe.model", "vocab.json"}, {"src_lang": "en"}),
        (tiny_models.marian, {"source.spm", "target.spm", "vocab.json"}, {}),
    ],
)
def test_old_forms_of_a_folder(build: Any, keep: set[str], note: Any, tmp_path: Path) -> None:
    new = translated(CTranslate2, build(tmp_path / "new"))
    old = as_the_hub_had_it(build(tmp_path / "old"), keep)
    if build is tiny_models.marian:
        note = {"source_lang": "en", "target_lang": "hi"}
    (old / "tokenizer_config.json").write_text(json.dumps(note), encoding="utf-8")
    assert translated(CTranslate2, old) == new


@pytest.mark.parametrize("weights", ["model.safetensors", "pytorch_model.bin"])
def test_indictrans_of_either_weights_file(weights: str, tmp_path: Path) -> None:
    folder = tiny_models.indictrans(tmp_path / "model", weights=weights)
    assert all(translated(CTranslate2, folder))


def test_it_is_converted_once_wherever_it_lies(cache: Path, tmp_path: Path) -> None:
    folder = tiny_models.indictrans(tmp_path / "one", scale_embedding=False)
    translated(CTranslate2, folder)
    made = {path: path.stat().st_mtime_ns for path in cache.iterdir()}
    translated(CTranslate2, shutil.copytree(folder, tmp_path / "two"))
    assert {path: path.stat().st_mtime_ns for path in cache.iterdir()} == made
    translated(CTranslate2, folder, precision="float32")
    assert len(list(cache.glob("*-float32"))) >= 1


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def other(path: Path) -> None:
    numbers = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(dict(list(numbers.items())[:-9])), encoding="utf-8")


def renumbered(path: Path) -> None:
    numbers = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({word: 2 * number for word, number in numbers.items()}))


def malicious(path: Path) -> None:
    class Command:
        def __reduce__(self) -> Any:
            return Path.touch, (path.with_name("was here"),)

    path.with_name("model.safetensors").unlink(missing_ok=True)
    torch.save({"lm_head.weight": Command()}, path)


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        ("model.safetensors", Path.unlink, "no model.safetensors or pytorch_model.bin"),
        ("model.safetensors", cut, "cut short"),
        ("dict.SRC.json", Path.unlink, "no dict.SRC.json"),
        ("dict.SRC.json", cut, "cannot read"),
        ("dict.TGT.json", other, "another model's"),
        ("dict.TGT.json", renumbered, "no dictionary"),
        ("model.TGT", Path.unlink, "no model.TGT"),
        ("pytorch_model.bin", malicious, "holds more than weights"),
    ],
)
def test_a_damaged_folder_leaves_nothing_half_converted(
    file: str, damage: Any, said: str, cache: Path, tmp_path: Path
) -> None:
    folder = tiny_models.indictrans(tmp_path / "model")
    damage(folder / file)
    before = set(cache.glob("*")) if cache.exists() else set()
    with pytest.raises(InputError, match=said) as caught:
        translated(CTranslate2, folder)
    assert "\n" not in str(caught.value)
    assert {path for path in cache.glob("*") if path.is_dir()} <= before
    assert not (folder / "was here").exists()


def test_weights_that_do_not_belong_to_the_configuration(tmp_path: Path) -> None:
    folder = tiny_models.indictrans(tmp_path / "model", encoder_layers=2)
    with pytest.raises(InputError, match=r"no 'model\.encoder\.layers\.1"):
        translated(CTranslate2, folder)


def test_a_hub_folder_cut_short(cache: Path, tmp_path: Path) -> None:
    folder = tiny_models.m2m100(tmp_path / "model")
    cut(folder / "model.safetensors")
    before = set(cache.glob("*-*"))
    with pytest.raises(InputError, match="cannot be read as a translation model"):
        translated(CTranslate2, folder)
    assert set(cache.glob("*-*")) == before


def test_the_direction_is_the_dictionaries(tmp_path: Path) -> None:
    config = with_model(tiny_models.indictrans(tmp_path / "model"))
    assert CTranslate2.serves("en", "ta", config)
    assert not CTranslate2.serves("ta", "en", config)
    assert not CTranslate2.serves("hi", "ta", config)
    assert not CTranslate2.serves("en", "de", config)
    with CTranslate2(config) as translator, pytest.raises(UnsupportedError, match="from English"):
        translator.translate([Sentence("नमस्ते")], "hi", "ta")


def test_text_that_the_model_does_not_know(tmp_path: Path) -> None:
    folder = tiny_models.indictrans(tmp_path / "model")
    with CTranslate2(with_model(folder)) as translator:
        with pytest.raises(StageError, match="knows almost nothing"):
            translator.translate([Sentence("漢字 仮名 漢字")], "en", "hi")
        with pytest.raises(StageError, match="longer than the 64"):
            translator.translate([Sentence("river " * 60)], "en", "hi")
