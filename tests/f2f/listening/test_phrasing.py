"""Words into utterances and segments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from f2f.listening import phrases, utterances
from f2f.listening.phrasing import LONG_PAUSE, LONGEST
from f2f.types import Segment, Span, Word


def speak(text: str, *, start: float = 0.0, pace: float = 0.3) -> list[Word]:
    """Words one after the other; every "|" is a pause of a tenth of a second."""
    words = []
    for token in text.split():
        if set(token) == {"|"}:
            start += 0.1 * len(token)
            continue
        words.append(Word(" " + token, Span(start, start + pace)))
        start += pace
    return words


def labelled(words: list[Word], speaker: str = "S1", number: int = 0) -> Segment:
    span = Span(words[0].span.start, words[-1].span.end)
    return Segment(number, span, speaker, "", tuple(words))


def texts(segments: tuple[Segment, ...]) -> list[str]:
    return [segment.text for segment in segments]


def test_utterances_end_with_sentences_and_pauses() -> None:
    words = speak("Well, hello. I am ||| here. Dr. Smith is not.")
    assert texts(utterances(words)) == ["Well, hello.", "I am", "here.", "Dr. Smith is not."]


def test_indic_and_chinese_sentence_ends() -> None:
    assert len(utterances(speak("यह ठीक है। चलो।"))) == 2
    glued = [Word("你好。", Span(0, 0.4)), Word("再见。", Span(0.4, 0.8))]
    assert texts(utterances(glued)) == ["你好。", "再见。"]
    assert phrases([labelled(glued)])[0].text == "你好。再见。"


def test_short_sentences_are_joined_and_full_ones_are_not() -> None:
    segments = phrases(
        [labelled(speak("No. | This is a whole sentence by itself. And another one here."))]
    )
    assert texts(segments) == ["No. This is a whole sentence by itself.", "And another one here."]
    assert [segment.id for segment in segments] == [0, 1]
    assert segments[0].words[0].text == "No."


def test_a_long_pause_always_cuts() -> None:
    segments = phrases([labelled(speak("one two |||||||||| three four"))])
    assert texts(segments) == ["one two", "three four"]


def test_a_change_of_speaker_always_cuts() -> None:
    first = speak("and then he")
    second = speak("no he did not", start=first[-1].span.end)
    segments = phrases([labelled(first, "S1"), labelled(second, "S2", 1)])
    assert [(item.speaker, item.text) for item in segments] == [
        ("S1", "and then he"),
        ("S2", "no he did not"),
    ]


def test_one_speakers_utterances_become_one_sentence() -> None:
    first = speak("I think that ||||")
    second = speak("this is right.", start=first[-1].span.end + 0.4)
    assert texts(phrases([labelled(first), labelled(second, number=1)])) == [
        "I think that this is right."
    ]


def test_endless_speech_is_cut_at_commas() -> None:
    text = "this goes on for quite a while, " * 12
    segments = phrases([labelled(speak(text))])
    assert all(segment.span.duration <= LONGEST for segment in segments)
    assert all(segment.text.endswith("while,") for segment in segments)


def test_nothing_said() -> None:
    assert utterances([]) == () and phrases([]) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from([" word", " end.", " then,", " मैं", " है।"]),
            st.floats(0.0, 2.0),
            st.floats(0.02, 1.5),
        ),
        max_size=60,
    )
)
def test_every_word_is_kept_once_and_in_order(pieces: list[tuple[str, float, float]]) -> None:
    clock, words = 0.0, []
    for text, pause, length in pieces:
        words.append(Word(text, Span(clock + pause, clock + pause + length)))
        clock += pause + length
    segments = phrases(utterances(words))
    said = [word for segment in segments for word in segment.words]
    assert [word.text for word in said] == [word.text.strip() for word in words]
    assert [word.span for word in said] == [word.span for word in words]
    for segment in segments:
        assert segment.text == " ".join(word.text for word in segment.words)
        assert segment.span == Span(segment.words[0].span.start, segment.words[-1].span.end)
        for one, other in zip(segment.words, segment.words[1:], strict=False):
            assert other.span.start - one.span.end < LONG_PAUSE


def test_confidence_is_kept() -> None:
    word = Word(" yes", Span(0.0, 0.5), 0.25)
    assert phrases([labelled([word])])[0].words[0].confidence == pytest.approx(0.25)
