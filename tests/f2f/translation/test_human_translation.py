from __future__ import annotations

from pathlib import Path

import pytest

from f2f.errors import InputError
from f2f.translation import human_translation
from f2f.types import Segment, Span, Speaker, Transcript


def transcript(language: str, *lines: tuple[int, float, float, str]) -> Transcript:
    return Transcript(
        language,
        tuple(Segment(number, Span(start, end), "S1", text) for number, start, end, text in lines),
        (Speaker("S1", "female", 200.0),),
    )


HEARD = transcript("en", (4, 0, 2, "Hello."), (7, 2.5, 5, "How are you?"), (9, 8, 9, "Fine."))


def test_times_join_and_ids_stay() -> None:
    said = human_translation.match(
        HEARD, transcript("hi", (0, 0.1, 2, "नमस्ते।"), (1, 2.4, 5, "कैसे हैं?"), (2, 8, 9, "ठीक।"))
    )
    assert said.language == "hi"
    assert [(one.id, one.text) for one in said.segments] == [
        (4, "नमस्ते।"),
        (7, "कैसे हैं?"),
        (9, "ठीक।"),
    ]
    assert said.speakers == HEARD.speakers
    assert said.segments[0].span == HEARD.segments[0].span


def test_a_cue_over_two_segments_is_dealt_to_both() -> None:
    said = human_translation.match(
        HEARD, transcript("hi", (0, 0, 5, "एक दो तीन चार"), (1, 8, 9, "ठीक"))
    )
    assert [one.id for one in said.segments] == [4, 7, 9]
    assert " ".join(one.text for one in said.segments[:2]) == "एक दो तीन चार"


def test_cues_of_one_segment_are_joined() -> None:
    said = human_translation.match(HEARD, transcript("hi", (0, 2.5, 3.5, "कैसे"), (1, 3.5, 5, "हैं?")))
    assert [(one.id, one.text) for one in said.segments] == [(7, "कैसे हैं?")]


def test_a_cue_where_nothing_was_heard_is_kept() -> None:
    said = human_translation.match(HEARD, transcript("hi", (0, 0, 2, "एक"), (1, 6, 7, "नया")))
    assert [one.text for one in said.segments] == ["एक", "नया"]
    assert said.segments[1].id not in {4, 7, 9}
    assert said.segments[1].speaker == "S1"


def test_a_file_at_other_times_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "talk.hi.srt"
    path.write_text("1\n00:00:00,500 --> 00:00:01,500\nनमस्ते\n", encoding="utf-8")
    assert human_translation.read(path, HEARD, "hi").segments[0].text == "नमस्ते"
    late = transcript("hi", (0, 100, 101, "एक"))
    with pytest.raises(InputError, match="no line at a time"):
        human_translation.match(HEARD, late)


def test_a_line_beyond_the_end_of_the_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "talk.hi.srt"
    lines = "1\n00:00:00,500 --> 00:00:01,500\nनमस्ते\n\n2\n00:01:00,000 --> 00:01:02,000\nठीक\n"
    path.write_text(lines, encoding="utf-8")
    for end in (60.5, None):
        assert len(human_translation.read(path, HEARD, "hi", end=end).segments) == 2
    with pytest.raises(InputError, match=r"talk.hi.srt: the line at 60.0 s .* \(60.0 s\)"):
        human_translation.read(path, HEARD, "hi", end=60.0)
