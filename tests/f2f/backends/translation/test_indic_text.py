"""IndicTrans2's text form is its toolkit's own, letter by letter."""

from __future__ import annotations

import pytest
from golden import needs_golden, read

from f2f.backends.translation.indic_placeholders import Shielded, restore, shield
from f2f.backends.translation.indic_text import finish, prepare
from f2f.backends.translation.language_tags import FLORES


@needs_golden
def test_all_golden_inputs() -> None:
    rows = read("preprocess.json")
    wrong = [
        row["english"]
        for row in rows
        if prepare(row["english"], "eng_Latn", "hin_Deva").text != row["input"]
    ]
    assert (len(rows), wrong) == (165, [])


@needs_golden
def test_all_golden_outputs() -> None:
    rows = read("postprocess.json")["postprocess"]
    wrong = [
        row["text"]
        for row in rows
        if finish(row["model_output"], FLORES[row["language"]]) != row["text"]
    ]
    assert (len(rows), wrong) == (600, [])


@needs_golden
def test_all_golden_round_trips() -> None:
    rows = read("postprocess.json")["entities"]
    made = [prepare(row["english"], "eng_Latn", "hin_Deva") for row in rows]
    assert [one.text for one in made] == [row["input"] for row in rows]
    assert len(rows) == 15
    for row, one in zip(rows, made, strict=True):
        assert finish(row["echoed_output"], "hin_Deva", one.originals) == row["text"]


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("வணக்கம், ௫", "tam_Taml", "वणक्कम् , 5"),
        ("१,००० क़दम|", "hin_Deva", "1,000 क़दम ।"),
        ("నిర్బంధ 3౦", "tel_Telu", "निर्बंध 3०"),  # their zero is left alone
        ("ਅਾਮ", "pan_Guru", "आम"),
        ("ﮨﮯ 2004ء٪", "urd_Arab", "ہے 2004ء ٪"),
        ("كتاب,20فیصد", "urd_Arab", "کتاب , 20 فیصد"),
    ],
)
def test_indian_languages_are_read(text: str, source: str, expected: str) -> None:
    assert prepare(text, source, "eng_Latn").text == f"{source} eng_Latn {expected}"


def test_every_script_comes_back() -> None:
    assert finish("वणक्कम् , नण्पर् .", "tam_Taml") == "வணக்கம், நண்பர்."
    assert finish("नमस्ते , आप कैसे हैं ?", "hin_Deva") == "नमस्ते, आप कैसे हैं?"
    assert finish('He said , " I don \'t ! "', "eng_Latn") == 'He said, "I don\'t!"'


def test_what_is_not_translated_is_put_back() -> None:
    text = "See https://a.example/x?y=1, write to me@a.example by 12/05/2024 (91.6%)."
    shielded = shield(text)
    assert len(shielded.originals) == 4
    assert "a.example" not in shielded.text and "2024" not in shielded.text
    assert restore(shielded.text, shielded.originals) == text


def test_a_model_spells_placeholders_in_many_ways() -> None:
    shielded = Shielded("", tuple(f"w{number}" for number in range(1, 13)))
    spelled = "< ID1 > <id2> [ID 3] < आईडी 4 > आई . डी . 5 ऐटि12 < ID99 > ID 1"
    assert restore(spelled, shielded.originals) == "w1 w2 w3 w4 w5 w12 < ID99 > ID 1"
