"""What every translator must do: each backend, and each family of models in its own format."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny_models

from f2f.backends import BUILT_IN, resolve
from f2f.backends.translation import compact
from f2f.backends.translation.compact import Compact
from f2f.backends.translation.ctranslate2 import CTranslate2
from f2f.backends.translation.draft import Draft
from f2f.backends.translation.hypotheses import fitting
from f2f.backends.translation.transformers import Transformers
from f2f.config import Config
from f2f.errors import MissingError, StageError, UnsupportedError
from f2f.roles import Sentence, Translator

MODELS: dict[str, Callable[[Path], Path]] = {
    "m2m100": tiny_models.m2m100,
    "nllb": tiny_models.nllb,
    "marian": tiny_models.marian,
    "indictrans": tiny_models.indictrans,
}
PLAIN = "transformers "
"""Before the names of models that transformers runs itself."""
KINDS = {"compact": Compact, "draft": Draft}
OTHERS = [*MODELS, "draft", *(PLAIN + name for name in MODELS if name != "indictrans")]
CASES = {"compact": ("en", "pt"), **dict.fromkeys(OTHERS, ("en", "hi"))}


def with_model(folder: Path | str | None, **more: Any) -> Config:
    model = None if folder is None else str(folder)
    return Config.model_validate({"translation": {"model": model, "beam": 2, "batch": 2, **more}})


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where models are converted to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("F2F_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield Path(os.environ["F2F_CACHE"])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    builders = {**MODELS, "draft": tiny_models.student}
    return {name: build(root / name) for name, build in builders.items()}


@pytest.fixture(params=CASES, scope="module")
def case(
    request: pytest.FixtureRequest, folders: dict[str, Path]
) -> Iterator[tuple[Translator, str, str]]:
    name = request.param
    kind = KINDS.get(name, Transformers if name.startswith(PLAIN) else CTranslate2)
    config = with_model(folders.get(name.removeprefix(PLAIN)))
    assert kind.missing(config) is None
    source, target = CASES[name]
    assert kind.serves(source, target, config)
    with kind(config) as translator:
        yield translator, source, target


def test_a_model_that_is_neither_folder_nor_pinned_says_both() -> None:
    gap = Transformers.missing(with_model("nope"))
    assert gap is not None
    assert "there is no folder 'nope'" in gap and "translation.revision" in gap


def test_the_cases_cover_every_backend() -> None:
    assert set(BUILT_IN["translation"]) == {"compact", "ctranslate2", "draft", "transformers"}
    for name in BUILT_IN["translation"]:
        info = resolve("translation", name).info
        assert (info.name, info.role) == (name, "translation")
        assert info.licence


def test_number_and_order_are_kept(case: tuple[Translator, str, str]) -> None:
    translator, source, target = case
    texts = ["We were walking along the river.", "", "Hello everyone.", "Tomorrow morning."]
    together = translator.translate([Sentence(text) for text in texts], source, target)
    alone = [translator.translate([Sentence(text)], source, target)[0] for text in texts]
    assert together == alone
    assert together[1] == ""


def test_nothing_to_translate(case: tuple[Translator, str, str]) -> None:
    translator, source, target = case
    assert translator.translate([], source, target) == []


def test_no_tag_of_the_family_is_left(case: tuple[Translator, str, str]) -> None:
    translator, source, target = case
    (text,) = translator.translate([Sentence("Hello everyone.", 5)], source, target)
    for tag in ("__", "hin_Deva", "eng_Latn", "</s>", "<pad>", ">>"):
        assert tag not in text


def test_an_unknown_language_is_refused(case: tuple[Translator, str, str]) -> None:
    translator, source, _ = case
    with pytest.raises(UnsupportedError):
        translator.translate([Sentence("Hello.")], source, "xx")


def test_the_target_is_forced(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first generated token is the target's code, and the input begins with the source's."""
    for name, source_code, target_code in (
        ("m2m100", "__en__", "__hi__"),
        ("nllb", "eng_Latn", "hin_Deva"),
    ):
        with Transformers(with_model(folders[name])) as translator:
            seen: dict[str, Any] = {}
            generate = translator._model.generate

            def watch(seen: dict[str, Any] = seen, generate: Any = generate, **options: Any) -> Any:
                seen.update(options, output=generate(**options))
                return seen["output"]

            monkeypatch.setattr(translator._model, "generate", watch)
            translator.translate([Sentence("Hello everyone.")], "en", "hi")
            convert = translator._tokenizer.convert_ids_to_tokens
            assert convert(seen["input_ids"][0].tolist())[0] == source_code
            assert seen["forced_bos_token_id"] == seen["output"][0, 1]
            assert convert(int(seen["output"][0, 1])) == target_code


def test_the_nllb_trap_is_noticed(tmp_path: Path) -> None:
    folder = tiny_models.nllb(tmp_path / "nllb", with_tokenizer=False)
    with (
        Transformers(with_model(folder)) as translator,
        pytest.raises(StageError, match=r"tokenizer\.json"),
    ):
        translator.translate([Sentence("Hello everyone, welcome.")], "en", "hi")


def test_a_sentence_longer_than_the_model_is_refused(folders: dict[str, Path]) -> None:
    with (
        Transformers(with_model(folders["m2m100"])) as translator,
        pytest.raises(StageError, match="longer than the 64"),
    ):
        translator.translate([Sentence("river " * 60)], "en", "hi")


def test_a_marian_model_refuses_other_pairs(folders: dict[str, Path]) -> None:
    with (
        Transformers(with_model(folders["marian"])) as translator,
        pytest.raises(UnsupportedError, match="en to hi"),
    ):
        translator.translate([Sentence("Hello.")], "en", "ta")


def test_what_is_missing_says_how_to_get_it(tmp_path: Path) -> None:
    assert "translation.model" in (Transformers.missing(with_model(None)) or "")
    assert "translation.revision" in (Transformers.missing(with_model("facebook/m2m")) or "")
    assert Transformers.missing(with_model("facebook/m2m", revision="a" * 40)) is None
    assert "no folder" in (Transformers.missing(with_model("./nowhere")) or "")
    assert "config.json" in (Transformers.missing(with_model(tmp_path)) or "")
    with pytest.raises(MissingError):
        Transformers(with_model(None))


def test_a_draft_is_made_only_by_a_student_that_is_named(folders: dict[str, Path]) -> None:
    named = with_model(folders["draft"])
    assert Draft.serves("en", "ta", named)
    assert not Draft.serves("ta", "en", named)
    assert not Draft.serves("en", "de", named)
    for other in (None, folders["marian"]):
        assert not Draft.serves("en", "hi", with_model(other))
        assert "translation.model=FOLDER" in (Draft.missing(with_model(other)) or "")
        with pytest.raises(MissingError, match=r"translator\.json"):
            Draft(with_model(other))


def test_the_best_hypothesis_that_fits() -> None:
    ranked = ["a long hypothesis", "a short one", "tiny", "a shorter one"]
    assert fitting(ranked, None) == ranked[0]
    assert fitting(ranked, 17) == ranked[0]
    assert fitting(ranked, 12) == "a short one"
    assert fitting(ranked, 3) == "a short one"


def test_portuguese_is_not_post_edited_as_if_it_were_english() -> None:
    with Compact(Config()) as translator:
        texts = ["In Brazil there are 25 states.", "If it is so, come to the house."]
        found = translator.translate([Sentence(text) for text in texts], "en", "pt")
    assert found[0].startswith("No Brasil")
    assert found[1].startswith("Se for")


def test_spanish_goes_through_portuguese() -> None:
    config = Config.model_validate({"languages": {"source": "en", "target": "es"}})
    gap = Compact.missing(config)
    if gap is not None:
        pytest.skip(gap)
    with Compact(config) as translator:
        found = translator.translate([Sentence("No problem, welcome!")], "en", "es")
        back = translator.translate([Sentence("La casa es grande.")], "es", "en")
    assert "problema" in found[0]
    assert found[0].startswith("¡No")
    assert found[0].endswith("!")
    assert "house" in back[0]


def test_without_apertium_the_install_line_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact.shutil, "which", lambda _name: None)
    spanish = Config.model_validate({"languages": {"target": "es"}})
    assert "apt-get install apertium apertium-es-pt" in (Compact.missing(spanish) or "")
    assert Compact.missing(Config.model_validate({"languages": {"target": "pt"}})) is None
    with Compact(Config()) as translator, pytest.raises(MissingError, match="apertium-es-pt"):
        translator.translate([Sentence("Hello.")], "en", "es")


THREADS = """
import threading
from f2f.roles import Sentence
from f2f.backends.translation.compact import Compact
from f2f.config import Config

def work():
    with Compact(Config()) as translator:
        print(translator.translate([Sentence("Hello.")], "en", "pt"))

for _ in range(4):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""


def test_it_outlives_the_thread_that_used_it_first() -> None:
    """A worker of a batch translates each video in a thread of its own."""
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("Olá") == 4
