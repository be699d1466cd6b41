"""The student translator: it learns, goes on after a kill, and is exported as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import ctranslate2
import pytest
import torch
import torch.nn.functional as F
import yaml
from safetensors.torch import load_file, save_file

from f2f import weights
from f2f.backends.translation.student import NOTE, Student, english_subwords, tag
from f2f.errors import ConfigError, InputError
from f2f.store.digests import digest_file
from tests.training.english_bert import WIDTH as BERT_WIDTH
from tests.training.english_bert import write_bert
from tests.training.killed_runs import whole_and_resumed
from tests.training.parallel_text import PAIRS, TAMIL, VOCABULARY, write_text
from training import settings as configuration
from training.data import text_pack
from training.data.text_batches import padded
from training.loop import Trainer
from training.recipes import translation_export
from training.recipes.translation import TranslationRecipe
from training.recipes.translation_export import export
from training.recipes.translation_model import Decoder, Dropout, encode, english_encoder

ENGLISH = [english for english, _ in PAIRS]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    bert = write_bert(folder / "bert", [*ENGLISH, *"abcdefghijklmnopqrstuvwxyz0123456789"])
    text_pack.pack(
        write_text(folder), bert, folder / "packed", vocabulary=VOCABULARY, segmentations=1
    )
    return folder / "packed"


def written(folder: Path, packed: Path, **run: object) -> Path:
    """A configuration file for a tiny run."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.yaml"
    told = {
        "model": "translate",
        "out": str(folder / "out"),
        "data": {"packed": str(packed), "name": "made-up pairs", "licence": "MIT"},
        "optimiser": {"rate": 3e-3, "betas": [0.9, 0.98], "warm_up": 20, "clip": 1.0},
        "run": {
            "steps": 4, "batch": 12, "precision": "fp32", "threads": 1, "log_every": 1, "ema": 0.9,
            "channels_last": False, "evaluate_every": 1000, **run,
        },
        "translation": {
            "encoder": str(packed.parent / "bert"), "inner": 96, "heads": 4, "decoder": 1,
            "dropout": 0.1, "sampled": 0.3, "weights": {"dictionary-small": 0.5},
        },
    }  # fmt: skip
    path.write_text(yaml.safe_dump(told))
    return path


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory, packed: Path) -> TranslationRecipe:
    """A recipe whose run has come to its end."""
    settings = configuration.load(
        written(tmp_path_factory.mktemp("run"), packed, steps=300, evaluate_every=300),
        ["translation.dropout=0", "translation.sampled=0", "optimiser.decay=0.4"],
    )
    recipe = TranslationRecipe(settings)
    Trainer(recipe, settings).run()
    for module in recipe.modules.values():
        module.eval()
    return recipe


def greedy(recipe: TranslationRecipe, texts: list[str], longest: int) -> list[list[int]]:
    """What torch writes in Hindi."""
    reader = english_subwords(recipe.settings.data.packed / "tokenizer.json")
    padding = recipe.text.note.padding
    sources = padded([read.ids for read in reader.encode_batch(texts)], padding)
    with torch.no_grad():
        memory = encode(recipe.encoder, sources, padding)
    return recipe.decoder.greedy(*memory, first=recipe.tags[0], longest=longest)


def test_ten_pairs_are_learned(learned: TranslationRecipe) -> None:
    said = [learned.subwords.decode(row) for row in greedy(learned, ENGLISH, longest=60)]
    assert said == [hindi for _, hindi in PAIRS]


def test_a_student_of_8_bits_knows_nearly_all_of_them(learned: TranslationRecipe) -> None:
    student = Student(learned.settings.out / "export" / "translator", threads=1)
    said = student.translate([english for english, _ in PAIRS], "hi")
    assert sum(one.text == hindi for one, (_, hindi) in zip(said, PAIRS, strict=True)) >= 7
    assert all(-2 < one.score <= 0 for one in said)
    tamil = student.translate([english for english, _ in TAMIL], "ta")
    assert any(one.text == text for one, (_, text) in zip(tamil, TAMIL, strict=True))


def test_a_student_takes_no_text_and_no_unknown_language(learned: TranslationRecipe) -> None:
    student = Student(learned.settings.out / "export" / "translator", threads=1)
    assert [one.text for one in student.translate(["", "  "], "hi")] == ["", ""]
    assert student.translate([], "hi") == []
    with pytest.raises(InputError, match="not de"):
        student.translate(["they sing"], "de")


@pytest.fixture(scope="module")
def runner(
    learned: TranslationRecipe, tmp_path_factory: pytest.TempPathFactory
) -> ctranslate2.Translator:
    """What was learned, in float32."""
    folder = tmp_path_factory.mktemp("export") / "translator"
    export(
        (learned.encoder, learned.decoder),
        learned.settings.data.packed,
        folder,
        languages=("hi",),
        settings=learned.settings,
        steps=0,
        begun_from=learned.begun_from,
        quantisation="float32",
    )
    return ctranslate2.Translator(str(folder), intra_threads=1)


def test_ctranslate2_writes_what_torch_writes(
    learned: TranslationRecipe, runner: ctranslate2.Translator
) -> None:
    texts = [*ENGLISH, "is the river there", "a new house has 427 birds"]
    reader = english_subwords(learned.settings.data.packed / "tokenizer.json")
    said = runner.translate_batch(
        [read.tokens for read in reader.encode_batch(texts)],
        [[tag("hi")]] * len(texts),
        beam_size=1,
        max_decoding_length=30,
    )
    found = [[learned.subwords.piece_to_id(one) for one in row.hypotheses[0]] for row in said]
    assert found == greedy(learned, texts, longest=30)


def test_ctranslate2_is_as_sure_as_torch(
    learned: TranslationRecipe, runner: ctranslate2.Translator
) -> None:
    reader = english_subwords(learned.settings.data.packed / "tokenizer.json")
    padding = learned.text.note.padding
    for read, (_, hindi) in zip(reader.encode_batch(ENGLISH), PAIRS, strict=True):
        written = learned.subwords.encode(hindi, out_type=str)[::-1]  # nothing that was learned
        (scored,) = runner.score_batch([read.tokens], [[tag("hi"), *written]])
        target = [learned.subwords.piece_to_id(one) for one in (tag("hi"), *written)]
        target.append(text_pack.END)
        with torch.no_grad():
            memory = encode(learned.encoder, padded([read.ids], padding), padding)
            hidden = learned.decoder(torch.tensor([target[:-1]]), *memory)[0]
            likely = (hidden @ learned.decoder.embedding.weight.T).log_softmax(-1)
        expected = likely[torch.arange(len(hidden)), torch.tensor(target[1:])]
        assert torch.tensor(scored.log_probs).allclose(expected, atol=1e-3), scored.tokens


def test_an_export_says_what_its_encoder_was(
    learned: TranslationRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = learned.settings.out / "export" / "translator"
    told = json.loads((folder / NOTE).read_text(encoding="utf-8"))["encoder_begun_from"]
    bert = learned.settings.data.packed.parent / "bert"
    assert told == {"sha256": digest_file(bert / "model.safetensors"), "licence": "unknown"}
    entry = weights.catalogue().entry(text_pack.ENCODER)
    monkeypatch.setattr(translation_export, "digest_given", lambda _: entry.files[0].sha256)
    known = translation_export.origin(bert)
    assert (known["name"], known["licence"]) == ("minilm-l6", "Apache-2.0")


def test_the_encoder_is_the_published_one(packed: Path) -> None:
    from transformers import BertModel

    folder = packed.parent / "bert"
    source = torch.tensor([[2, 9, 8, 7, 3], [2, 9, 3, 0, 0]])
    published = BertModel.from_pretrained(folder).eval()
    expected = published(input_ids=source, attention_mask=source != 0).last_hidden_state
    memory, mask = encode(english_encoder(folder, 0.1).eval(), source, padding=0)
    assert torch.allclose(memory[source != 0], expected[source != 0], atol=1e-5)
    assert mask.squeeze().tolist() == (source != 0).tolist()


@pytest.mark.parametrize("damage", ["gone", "cut", "other", "fewer"])
def test_a_folder_without_a_whole_encoder_is_refused(
    packed: Path, tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "bert"
    shutil.copytree(packed.parent / "bert", folder)
    file = folder / "model.safetensors"
    if damage == "gone":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:5000])
    else:
        tensors = load_file(file)
        name = "encoder.layer.1.output.dense.weight"
        tensors[name] = tensors[name][:5].clone()
        if damage == "fewer":
            del tensors[name]
        save_file(tensors, file)
    with pytest.raises(InputError, match="encoder"):
        english_encoder(folder, 0.1)


def test_the_encoder_learns_more_slowly(tmp_path: Path, packed: Path) -> None:
    settings = configuration.load(
        written(tmp_path, packed, steps=1, ema=0), ["optimiser.parts.encoder=0.25"]
    )
    trainer = Trainer(TranslationRecipe(settings), settings)
    trainer.run()
    rates = {name: one.param_groups[0]["lr"] for name, one in trainer.optimisers.items()}
    assert rates["encoder"] == pytest.approx(rates["decoder"] / 4)


def test_the_cut_up_loss_is_cross_entropy() -> None:
    torch.manual_seed(0)
    model = Decoder(50, width=16, inner=32, heads=2, layers=1, dropout=0.0).double()
    wanted = torch.randint(0, 50, (1200,))
    hidden = torch.randn(1200, 16, dtype=torch.float64, requires_grad=True)
    weight = model.embedding.weight
    ours = torch.autograd.grad(model.loss(hidden, wanted, 0.1), [hidden, weight])
    plain = F.cross_entropy(hidden @ weight.T, wanted, label_smoothing=0.1)
    for one, other in zip(ours, torch.autograd.grad(plain, [hidden, weight]), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_padding_changes_nothing(packed: Path) -> None:
    encoder = english_encoder(packed.parent / "bert", 0.0).eval()
    decoder = Decoder(50, width=BERT_WIDTH, inner=32, heads=2, layers=2, dropout=0.0).eval()
    short, long = [2, 6, 7, 3], [2, 9, 10, 11, 12, 13, 3]
    alone = decoder(torch.tensor([[1, 20, 21]]), *encode(encoder, padded([short], 0), 0))
    both = padded([short, long], 0)
    beside = decoder(torch.tensor([[1, 20, 21], [1, 22, 23]]), *encode(encoder, both, 0))
    assert torch.allclose(alone[0], beside[0], atol=1e-5)


def test_dropout_keeps_the_mean_and_sleeps_in_evaluation() -> None:
    torch.manual_seed(0)
    drop, ones = Dropout(0.25), torch.ones(100, 1001)
    dropped = drop(ones)
    assert float((dropped == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.01)
    assert drop.eval()(ones) is ones


def test_heads_that_do_not_divide_the_width_are_refused(tmp_path: Path, packed: Path) -> None:
    settings = configuration.load(written(tmp_path, packed), ["translation.heads=5"])
    with pytest.raises(ConfigError, match="5 heads"):
        TranslationRecipe(settings)


@pytest.mark.parametrize("missing", [NOTE, "model.bin", "tokenizer.json", text_pack.SUBWORDS])
def test_a_folder_that_lacks_a_file_is_one_clear_error(
    tmp_path: Path, packed: Path, missing: str
) -> None:
    settings = configuration.load(written(tmp_path, packed))
    recipe = TranslationRecipe(settings)
    recipe.export(recipe.modules, Trainer(recipe, settings).state, tmp_path)
    folder = tmp_path / "export" / "translator"
    (folder / missing).unlink()
    with pytest.raises(InputError, match="no student"):
        Student(folder)


@pytest.mark.slow
def test_a_killed_run_reaches_the_same_weights(tmp_path: Path, packed: Path) -> None:
    saves = {"save_minutes": 1e-6, "steps": 30}  # a checkpoint after every step
    whole = written(tmp_path / "whole", packed, **saves)
    killed = written(tmp_path / "killed", packed, **saves)

    one, other = whole_and_resumed("translate", whole, killed)
    for kind in ("modules", "means"):
        for half in ("encoder", "decoder"):
            for name, value in one[kind][half].items():
                assert torch.equal(value, other[kind][half][name]), (kind, half, name)
