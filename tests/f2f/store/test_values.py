from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from f2f.errors import InputError
from f2f.store import values
from f2f.types import Segment, Span, Speaker, Transcript, VideoInfo, Word

times = st.floats(0, 1e5, allow_nan=False)
spans = st.builds(Span, times, times)
words = st.builds(Word, st.text(), spans, st.floats(0, 1))
segments = st.builds(
    Segment, st.integers(0), spans, st.text(), st.text(), st.lists(words, max_size=3).map(tuple)
)
transcripts = st.builds(
    Transcript,
    st.text(),
    st.lists(segments, max_size=3).map(tuple),
    st.just((Speaker("a", "female", 201.5),)),
)


@given(transcripts)
def test_json_round_trip_is_exact(transcript: Transcript) -> None:
    assert values.from_json(Transcript, values.to_json(transcript)) == transcript


def test_frame_rates_stay_fractions() -> None:
    info = VideoInfo(
        "a.mp4", "0" * 64, Fraction(30000, 1001), (640, 480), 10, 0.33, 90, False, True, False, "x"
    )
    assert values.from_json(VideoInfo, values.to_json(info)) == info


@pytest.mark.parametrize("text", ["", "{", "[]", '{"start": 1}', '{"start": "a", "end": 2}'])
def test_wrong_json_is_one_clear_sentence(text: str) -> None:
    with pytest.raises(InputError, match="not a valid Span"):
        values.from_json(Span, text)


def test_spans_overlap_by_what_they_share() -> None:
    assert Span(0, 2).overlap(Span(1, 3)) == 1
    assert Span(0, 1).overlap(Span(2, 3)) == 0
