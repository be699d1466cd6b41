"""The student translator: it learns, goes on after a kill, and is exported as it is."""

from __future__ import annotations

from pathlib import Path

import ctranslate2
import pytest
import torch
import torch.nn.functional as F
import yaml

from f2f.backends.translation.student import NOTE, Student, tag
from f2f.errors import ConfigError, InputError
from tests.training.killed_runs import whole_and_resumed
from tests.training.parallel_text import PAIRS, TAMIL, VOCABULARY, write_text
from training import settings as configuration
from training.data import text_pack
from training.data.text_batches import padded
from training.data.text_pack import END
from training.loop import Trainer
from training.recipes.translation import TranslationRecipe
from training.recipes.translation_export import export
from training.recipes.translation_model import Dropout, Translator

WIDTH = 48


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    text_pack.pack(write_text(folder), folder / "packed", vocabulary=VOCABULARY, segmentations=1)
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
            "width": WIDTH, "inner": 96, "heads": 4, "encoder": 2, "decoder": 1, "dropout": 0.1,
            "sampled": 0.3, "weights": {"dictionary-small": 0.5},
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
    recipe.model.eval()
    return recipe


def numbers(recipe: TranslationRecipe, text: str) -> list[int]:
    """A Hindi source for the model."""
    return [recipe.tags[0], *recipe.subwords.encode(text), END]


def test_ten_pairs_are_learned(learned: TranslationRecipe) -> None:
    sources = padded([numbers(learned, english) for english, _ in PAIRS])
    said = [learned.subwords.decode(row) for row in learned.model.greedy(sources, longest=60)]
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


def test_ctranslate2_writes_what_torch_writes(learned: TranslationRecipe, tmp_path: Path) -> None:
    subwords = learned.subwords
    export(
        learned.model,
        subwords.serialized_model_proto(),
        tmp_path / "translator",
        languages=("hi",),
        settings=learned.settings,
        steps=0,
        quantisation="float32",
    )
    texts = [*(english for english, _ in PAIRS), "is the river there", "a new house has 427 birds"]
    runner = ctranslate2.Translator(str(tmp_path / "translator"), intra_threads=1)
    said = runner.translate_batch(
        [[tag("hi"), *subwords.encode(text, out_type=str)] for text in texts],
        beam_size=1,
        max_decoding_length=30,
    )
    found = [[subwords.piece_to_id(one) for one in row.hypotheses[0]] for row in said]
    sources = padded([numbers(learned, text) for text in texts])
    assert found == learned.model.greedy(sources, longest=30)


def test_the_cut_up_loss_is_cross_entropy() -> None:
    torch.manual_seed(0)
    model = Translator(50, width=16, inner=32, heads=2, layers=(1, 1), dropout=0.0).double()
    wanted = torch.randint(0, 50, (1200,))
    hidden = torch.randn(1200, 16, dtype=torch.float64, requires_grad=True)
    weight = model.embedding.weight
    ours = torch.autograd.grad(model.loss(hidden, wanted, 0.1), [hidden, weight])
    plain = F.cross_entropy(hidden @ weight.T, wanted, label_smoothing=0.1)
    for one, other in zip(ours, torch.autograd.grad(plain, [hidden, weight]), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_padding_changes_nothing(packed: Path) -> None:
    torch.manual_seed(0)
    model = Translator(50, width=16, inner=32, heads=2, layers=(2, 2), dropout=0.0).eval()
    short, long = [5, 6, 7, END], [8, 9, 10, 11, 12, 13, END]
    alone = model(padded([short]), torch.tensor([[1, 20, 21]]))
    beside = model(padded([short, long]), torch.tensor([[1, 20, 21], [1, 22, 23]]))
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


@pytest.mark.parametrize("missing", [NOTE, "model.bin", text_pack.SUBWORDS])
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
        for name, value in one[kind]["translator"].items():
            assert torch.equal(value, other[kind]["translator"][name]), (kind, name)
