"""Captions in capitals become sentences."""

from __future__ import annotations

import pytest

from f2f.subtitles import in_sentence_case
from f2f.types import Segment, Span, Transcript, Word


def transcript(*texts: str, speaker: str = "", language: str = "en") -> Transcript:
    return Transcript(
        language,
        tuple(Segment(at, Span(at, at + 1), speaker, text) for at, text in enumerate(texts)),
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (["WHERE ARE YOU GOING?"], ["Where are you going?"]),
        (["HELLO, JOHN. I'M FINE."], ["Hello, john. I'm fine."]),
        (["THE FBI AND NASA PAID."], ["The FBI and NASA paid."]),
        (["THE U.S.A. WON 3 TIMES."], ["The U.S.A. won 3 times."]),
        (["AN MP3 OF THE BBC'S NEWS"], ["An MP3 of the BBC's news"]),
        (["I WENT TO THE", "SHOP. IT WAS SHUT."], ["I went to the", "shop. It was shut."]),
        (["We met at UCLA.", "UCLA IS A SCHOOL."], ["We met at UCLA.", "UCLA is a school."]),
        (["Go away.", "STOP!", "NO!"], ["Go away.", "STOP!", "NO!"]),
        (["NASA"], ["NASA"]),
        (["¿DÓNDE ESTÁS? ¡AQUÍ!"], ["¿Dónde estás? ¡Aquí!"]),
        (["МЫ ИДЁМ ДОМОЙ. ДА."], ["Мы идём домой. Да."]),
        (["Not in capitals at all."], ["Not in capitals at all."]),
        (["नमस्ते दोस्तों"], ["नमस्ते दोस्तों"]),
    ],
)
def test_shouting_is_written_as_sentences(written: list[str], said: list[str]) -> None:
    assert [one.text for one in in_sentence_case(transcript(*written)).segments] == said


def test_what_is_a_word_elsewhere_is_an_acronym_in_english_only() -> None:
    (one,) = in_sentence_case(transcript("EU NÃO SEI, OK?", language="pt")).segments
    assert one.text == "Eu não sei, ok?"


def test_the_speakers_names_keep_a_capital_and_words_follow_their_text() -> None:
    shouted = transcript("ANNA WENT HOME.", speaker="Anna")
    assert in_sentence_case(shouted).segments[0].text == "Anna went home."
    words = tuple(Word(text, Span(0, 1)) for text in ("GO", "HOME", "NOW"))
    timed = Transcript("en", (Segment(0, Span(0, 1), "", "GO HOME NOW", words),))
    assert [word.text for word in in_sentence_case(timed).segments[0].words] == [
        "Go",
        "home",
        "now",
    ]
