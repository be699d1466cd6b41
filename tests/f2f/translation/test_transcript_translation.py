"""The translator and the transcript's translation, over a translator whose errors are known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from f2f.errors import InputError
from f2f.roles import Sentence, Translator
from f2f.text import glossary, number_check, speech_rate
from f2f.text.glossary import Glossary
from f2f.translation import transcript_translation
from f2f.translation.constrained_translator import ConstrainedTranslator
from f2f.types import Segment, Span, Speaker, Transcript


class Shouting:
    """Translates into capitals; loses the words in `loses` (placeholders too, if told)."""

    def __init__(self, loses: Sequence[str] = ()) -> None:
        self.loses = loses
        self.asked: list[Sentence] = []

    def translate(self, sentences: Sequence[Sentence], source: str, target: str) -> list[str]:
        self.asked += sentences
        return [self._shout(one.text) for one in sentences]

    def _shout(self, text: str) -> str:
        words = [word for word in text.split() if re.sub(r"\W", "", word) not in self.loses]
        return " ".join(words).upper()


def translator(backend: Any, terms: tuple[tuple[str, str], ...] = ()) -> ConstrainedTranslator:
    return ConstrainedTranslator(cast(Translator, backend), "en", "pt", Glossary(terms))


def test_a_term_that_the_model_keeps_is_left_to_it() -> None:
    backend = Shouting()
    found = translator(backend, (("lip", "lip"),)).render([Sentence("move a lip now")])
    assert found == ["MOVE A LIP NOW"]
    assert len(backend.asked) == 1


def test_a_forced_term_goes_through_a_mask() -> None:
    found = translator(Shouting(), (("model", "modelo"),)).render([Sentence("The Model works.")])
    assert found == ["THE modelo WORKS."]


def test_the_longest_term_wins_and_parts_of_words_do_not_count() -> None:
    terms = Glossary((("deep", "fundo"), ("deep learning", "aprendizado")))
    assert [must.wanted for must in terms.found("Deep learning, deeply.")] == ["aprendizado"]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("कर", "यह कर रहा", "कर"),
        ("कर", "यह करा रहा", None),
        ("कर", "निकर", None),
        ("Straße", "in der Straße 5", "Straße"),
        ("yazilim", "bu yazılım iyi", "yazılım"),
        ("モデル", "このモデルは", "モデル"),
        ("AI", "we maintain AI", "AI"),
    ],
)
def test_terms_are_found_as_whole_words(term: str, text: str, found: str | None) -> None:
    musts = Glossary(((term, "X"),)).found(text)
    assert [text[must.start : must.end] for must in musts] == ([found] if found else [])


def test_a_term_inside_another_word_is_not_kept() -> None:
    class Translator(Shouting):
        def _shout(self, text: str) -> str:
            return text.replace("AI", "INTELIGÊNCIA")

    backend = Translator()
    found = translator(backend, (("AI", "IA"),)).render([Sentence("AI is here")])
    assert found == ["IA is here"]


def test_a_dropped_mask_is_replaced_by_translating_around_the_term() -> None:
    backend = Shouting(loses=["XQZ", "ID1"])
    found = translator(backend, (("model", "modelo"),)).render([Sentence("the model works")])
    assert found == ["THE modelo WORKS"]


def test_a_lost_number_is_brought_back_with_its_unit() -> None:
    found = translator(Shouting(loses=["12", "35"])).render([Sentence("about 3.5 km or so")])
    assert found == ["ABOUT 3,5 km OR SO"]


def test_a_number_that_stays_lost_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    backend = Shouting(loses=["12", "XQZ", "ID1"])
    assert translator(backend).render([Sentence("it has 12 parts")]) == ["IT HAS PARTS"]
    assert "may have lost: 12" in caplog.text


@pytest.mark.parametrize(
    ("source", "translated", "language", "kept"),
    [
        ("25 states", "vinte e cinco estados", "pt", True),
        ("at 5 pm", "às 17:00", "pt", True),
        ("3.5 million", "3,5 milhões", "pt", True),
        ("1,234 people", "1.234 pessoas", "pt", True),
        ("२५ लोग", "25 people", "en", True),
        ("12 km", "12 quilômetros", "pt", True),
        ("12 km", "12", "pt", False),
        ("25 states", "52 estados", "pt", False),
        ("the 3rd 4K test", "o terceiro teste", "pt", True),
    ],
)
def test_figures(source: str, translated: str, language: str, kept: bool) -> None:
    assert (number_check.lost(source, translated, "en", language) == ()) is kept


def test_too_long_sentences_are_asked_again_without_their_fillers() -> None:
    text = "Well, you know, the model basically works."
    first, second = translator(Shouting()).render([Sentence(text), Sentence(text, 20)])
    assert first == text.upper()
    assert second == "THE MODEL WORKS."


def test_condensing_never_empties_a_sentence() -> None:
    assert speech_rate.condense("Really.", "en") == "Really."
    assert speech_rate.condense("Basically, it is (as said) good.", "en") == "It is good."


@pytest.mark.parametrize(("times", "reported"), [(0, True), (1, False), (2, False), (4, True)])
def test_translations_of_an_unlikely_length_are_reported(
    times: int, reported: bool, caplog: pytest.LogCaptureFixture
) -> None:
    class Translator(Shouting):
        def _shout(self, text: str) -> str:
            return text * times

    translator(Translator()).render([Sentence("this goes on and on " * 5), Sentence("short")])
    assert ("lost or repeated" in caplog.text) is reported
    assert len(caplog.records) == reported


def heard(*texts: str) -> Transcript:
    segments = tuple(
        Segment(10 + number, Span(2.0 * number, 2.0 * number + 1.9), "S1", text)
        for number, text in enumerate(texts)
    )
    return Transcript("en", segments, (Speaker("S1", "male", 110.0),))


def test_a_transcript_keeps_ids_times_and_speakers() -> None:
    source = heard("We met in the old", "town today. Then", "we left.")
    said = transcript_translation.translate(source, translator(Shouting()))
    assert said.language == "pt"
    assert said.speakers == source.speakers
    assert [one.id for one in said.segments] == [10, 11, 12]
    assert [one.span for one in said.segments] == [one.span for one in source.segments]
    joined = " ".join(one.text for one in said.segments)
    assert joined == "WE MET IN THE OLD TOWN TODAY. THEN WE LEFT."


def test_shorten_changes_only_what_was_asked_and_only_for_shorter() -> None:
    source = heard("It is really very good.", "This is really very bad.")
    say = translator(Shouting())
    said = transcript_translation.translate(source, say)
    short = transcript_translation.shorten(source, said, {11: 5}, say)
    assert short.segments[0] == said.segments[0]
    assert short.segments[1].text == "THIS IS BAD."
    assert transcript_translation.shorten(source, short, {11: 5}, say) == short


def test_room_grows_with_time_and_borrows_from_the_pause() -> None:
    segments = [
        Segment(0, Span(0, 1), "S1", "a"),
        Segment(1, Span(1, 2), "S1", "b"),
        Segment(2, Span(4, 6), "S1", "c"),
    ]
    room = speech_rate.room(segments, "pt", 1.0)
    assert room[0] < room[1] < room[2]
    assert speech_rate.room(segments, "pt", 0.8)[0] > room[0]


def test_glossary_files(tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("Wav2Lip: null\nmodel: modelo\n", encoding="utf-8")
    assert glossary.read(path).terms == (("Wav2Lip", "Wav2Lip"), ("model", "modelo"))
    assert glossary.read(None).terms == ()
    for broken in ("- a list", "12: x", "model: [a]", "a: {"):
        path.write_text(broken, encoding="utf-8")
        with pytest.raises(InputError):
            glossary.read(path)
    with pytest.raises(InputError):
        glossary.read(tmp_path / "missing.yaml")
