"""The voice gate and its clock."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from f2f.listening import Gate, speech_spans
from f2f.listening.activity import tighten
from f2f.roles import SPEECH_RATE
from f2f.types import Span, Word


def test_silence_and_noise_are_no_speech() -> None:
    generator = np.random.default_rng(0)
    noise = (0.05 * generator.standard_normal(3 * SPEECH_RATE)).astype(np.float32)
    assert speech_spans(np.zeros(3 * SPEECH_RATE, np.float32)) == ()
    assert speech_spans(noise) == ()
    assert speech_spans(np.zeros(0, np.float32)) == ()


def test_the_gate_keeps_margins_and_short_pauses() -> None:
    gate = Gate.around((Span(0.1, 1.0), Span(1.8, 2.0), Span(6.0, 7.0)), Span(0.0, 7.1))
    assert gate.spans == (Span(0.0, 2.3), Span(5.7, 7.1))


def test_the_gate_passes_what_it_says() -> None:
    sound = np.arange(10 * SPEECH_RATE, dtype=np.float32)
    passed = Gate((Span(1.0, 2.0), Span(5.0, 5.5))).apply(sound)
    expected = np.concatenate([sound[16_000:32_000], sound[80_000:88_000]])
    np.testing.assert_array_equal(passed, expected)
    assert len(Gate(()).apply(sound)) == 0


def test_words_return_to_their_times() -> None:
    gate = Gate((Span(1.0, 2.0), Span(5.0, 6.0)))
    words = (Word("a", Span(0.25, 0.5)), Word("b", Span(0.75, 1.75)), Word("c", Span(1.5, 2.5)))
    spans = [word.span for word in gate.restore(words)]
    assert spans == [Span(1.25, 1.5), Span(5.0, 5.75), Span(5.5, 6.0)]


@given(
    st.lists(st.tuples(st.floats(0.1, 3.0), st.floats(0.1, 3.0)), min_size=1, max_size=8),
    st.floats(0.0, 1.0),
)
def test_times_inside_a_stretch_come_back_exactly(
    lengths: list[tuple[float, float]], part: float
) -> None:
    clock, joined = 0.0, 0.0
    spans, words, wanted = [], [], []
    for silence, speech in lengths:
        clock += silence
        spans.append(Span(clock, clock + speech))
        middle = speech * (0.1 + 0.8 * part)
        words.append(Word("w", Span(joined + middle - 0.01, joined + middle + 0.01)))
        wanted.append(clock + middle)
        clock += speech
        joined += speech
    for word, time in zip(Gate(tuple(spans)).restore(words), wanted, strict=True):
        assert (word.span.start + word.span.end) / 2 == pytest.approx(time, abs=1e-6)


def test_a_word_does_not_begin_in_the_pause_before_it() -> None:
    speech = (Span(0.0, 1.0), Span(3.0, 4.0))
    words = (Word("one", Span(0.5, 1.0)), Word("two", Span(1.0, 3.5)), Word("lost", Span(5.0, 5.2)))
    spans = [word.span for word in tighten(words, speech)]
    assert spans == [Span(0.5, 1.0), Span(2.9, 3.5), Span(5.0, 5.2)]


def test_words_follow_one_another_and_take_time() -> None:
    words = (Word("one", Span(0.0, 1.0)), Word("two", Span(0.9, 0.9)), Word("x", Span(0.9, 1.5)))
    spans = [word.span for word in tighten(words, ())]
    assert spans == [Span(0.0, 1.0), Span(1.0, 1.02), Span(1.02, 1.5)]
