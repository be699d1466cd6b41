"""Scores of translators, and the baseline that looks words up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from f2f.backends.translation.student import Rendering
from tests.training.parallel_text import PAIRS, write_table, write_text
from training.data.translation_text import Pair
from training.evaluation import translation
from training.evaluation.translation import compare, scored, sets, table
from training.evaluation.word_by_word import associated, lexicon, translated


class Perfect:
    """A student that knows the references."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known

    def translate(self, texts: list[str], target: str) -> list[Rendering]:
        return [Rendering(self.known[text], 0.0) for text in texts]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    folder = write_text(tmp_path)
    write_table(
        folder / "eval" / "wmt24-general.hi.tsv.xz",
        [("A new house.", "एक नया घर है जी।", "speech"), ("Buy now!", "अभी खरीदें!", "social")],
    )
    return folder


def test_of_wmt24_only_speech_is_taken(text: Path) -> None:
    found = {one.name: one for one in sets(text / "eval", "hi")}
    assert found["WMT24 speech"].english == ["A new house."]
    assert len(found["FLORES"].english) == 2
    assert [len(one.english) for one in sets(text / "eval", "hi", limit=1)] == [1, 1]
    assert list(sets(text / "eval", "ta")) == []


def test_what_is_the_reference_scores_100_and_copying_next_to_nothing(text: Path) -> None:
    references = {
        english: reference
        for one in sets(text / "eval", "hi")
        for english, reference in zip(one.english, one.references, strict=True)
    }
    scores = [score for score, _ in compare(text, ["hi"], Perfect(references))]  # type: ignore[arg-type]
    by_system: dict[str, list[float]] = {}
    for score in scores:
        by_system.setdefault(score.system, []).append(score.chrf)
    assert by_system["student"] == [100.0, 100.0]
    assert max(by_system["source copied"]) < 5
    words = by_system["word by word (dictionary-small)"]
    assert words[1] > by_system["source copied"][1]  # it knows the house
    assert table(scores).count("\n") == len(scores)


def test_a_dictionary_goes_before_co_occurrence(text: Path) -> None:
    words, origin = lexicon(text, "hi")
    assert (words, origin) == ({"house": "घर", "old": "पुराना"}, "dictionary-small")
    assert translated("The old House-boat", words) == "The पुराना घर-boat"
    assert lexicon(text, "ta")[1].startswith("co-occurrence")


def test_co_occurrence_finds_the_word_that_goes_with_another() -> None:
    words = associated([Pair(english, hindi, "hi", "talk") for english, hindi in PAIRS])
    assert (words["house"], words["river"], words["books"]) == ("घर", "नदी", "किताबें")


def test_the_command_writes_what_it_prints(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from training.__main__ import main

    known = {"The bridge is long.": "पुल लंबा है।", "A new house.": "घर"}
    monkeypatch.setattr(translation, "Student", lambda folder, threads: Perfect(known))
    out = tmp_path / "scores" / "hi.json"
    line = ["--model", str(tmp_path), "--text", str(text), "--languages", "hi", "--limit", "1"]
    assert main(["evaluate-translation", *line, "--out", str(out)]) == 0
    told = json.loads(out.read_text(encoding="utf-8"))
    assert {row["system"] for row in told if row["chrf"] == 100.0} == {"student"}
    assert capsys.readouterr().out.count("student") == 2


def test_a_score_names_its_size() -> None:
    one = scored(translation.Evaluated("FLORES", "hi", ["a b"], ["क ख"]), "x", ["क ख"])
    assert (one.segments, one.chrf) == (1, 100.0)
