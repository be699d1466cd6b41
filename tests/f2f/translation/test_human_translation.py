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


def told(*lines: tuple[float, float, str]) -> Transcript:
    """Lines of (start, end, speaker), as they are heard or written."""
    segments = [
        Segment(at, Span(start, end), speaker, f"Line {at}.")
        for at, (start, end, speaker) in enumerate(lines)
    ]
    voices = {"S1": ("male", 110.0), "S2": ("female", 210.0)}
    speakers = [
        Speaker(name, *voices.get(name, ("unknown", 0.0)))
        for name in dict.fromkeys(one.speaker for one in segments)
    ]
    return Transcript("pt", tuple(segments), tuple(speakers))


ANNA, BRUNO = (0.0, 2.0, "Anna"), (2.0, 4.0, "Bruno")


@pytest.mark.parametrize(
    ("heard", "written", "speakers"),
    [
        # one voice, or several that nobody has named: the translator knows better
        ([(0, 2, "S1"), (2, 4, "S1")], [ANNA, BRUNO], ["Anna", "Bruno"]),
        ([(0, 2, "S1"), (2, 4, "S2")], [ANNA, BRUNO], ["Anna", "Bruno"]),
        ([(0, 2, "SPEAKER_00"), (2, 4, "SPEAKER_01")], [ANNA, BRUNO], ["Anna", "Bruno"]),
        ([(0, 2, "Ana"), (2, 4, "Ana")], [ANNA, BRUNO], ["Anna", "Bruno"]),
        # two in what was heard as one
        ([(0, 4, "S1")], [ANNA, BRUNO], ["Anna", "Bruno"]),
        ([(0, 4, "S1"), (4, 6, "S2")], [ANNA, BRUNO, (4, 6, "")], ["Anna", "Bruno", "S2"]),
        # whom he does not name is whom he mostly names with that voice
        ([(0, 2, "S1"), (2, 4, "S2"), (5, 6, "S1")], [ANNA, BRUNO, (5, 6, "")], None),
        # a line where nothing was heard
        ([(0, 2, "S1")], [(0, 2, "Anna"), (8, 9, "Bruno")], ["Anna", "Bruno"]),
        ([(0, 2, "S1")], [(0, 2, "Anna"), (8, 9, "")], ["Anna", "Anna"]),
        # a person has told the voices apart; the translator names nobody
        ([(0, 2, "Ana"), (2, 4, "João")], [ANNA, BRUNO], ["Ana", "João"]),
        ([(0, 2, "S1"), (2, 4, "S2")], [(0, 2, ""), (2, 4, "")], ["S1", "S2"]),
    ],
)
def test_who_speaks(
    heard: list[tuple[float, float, str]],
    written: list[tuple[float, float, str]],
    speakers: list[str] | None,
) -> None:
    said = human_translation.match(told(*heard), told(*written))
    assert [one.speaker for one in said.segments] == (speakers or ["Anna", "Bruno", "Anna"])
    assert {one.id for one in said.speakers} == {one.speaker for one in said.segments}
    assert len({one.id for one in said.segments}) == len(said.segments)
    assert " ".join(one.text for one in said.segments) == " ".join(
        one.text for one in told(*written).segments
    )


def test_a_voice_that_is_given_a_name_keeps_its_gender_and_pitch() -> None:
    said = human_translation.match(told((0, 2, "S1"), (2, 4, "S2")), told(ANNA, BRUNO))
    assert said.speakers == (Speaker("Anna", "male", 110.0), Speaker("Bruno", "female", 210.0))
    mixed = human_translation.match(told((0, 2, "S1"), (2, 4, "S1")), told(ANNA, BRUNO))
    assert mixed.speakers == (Speaker("Anna"), Speaker("Bruno"))  # of neither alone


def test_a_segment_is_cut_where_another_speaks() -> None:
    said = human_translation.match(told((0.5, 4, "S1")), told((0, 1.5, "Anna"), (1.5, 4, "Bruno")))
    assert [(one.id, one.span) for one in said.segments] == [(0, Span(0.5, 1.5)), (1, Span(1.5, 4))]
    close = human_translation.match(told((1, 3, "S1")), told((0, 3, "Anna"), (0.5, 3, "Bruno")))
    assert [one.span for one in close.segments] == [Span(1, 2), Span(2, 3)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.srt",
            "1\n00:00:00,0 --> 00:00:02,0\n[Anna] Um.\n\n2\n0:02,1 --> 0:05,0\n[Bruno] Dois.\n",
        ),
        (
            "b.srt",
            "1\n00:00:00,0 --> 00:00:02,0\nAnna: Um.\n\n2\n0:02,1 --> 0:05,0\nBruno: Dois.\n",
        ),
        ("c.srt", "1\n00:00:00,0 --> 00:00:05,0\nANNA: Um.\nBRUNO: Dois.\n"),
        (
            "d.vtt",
            "WEBVTT\n\n00:00.0 --> 00:02.0\n<v Anna>Um.\n\n00:02.1 --> 00:05.0\n<v Bruno>Dois.\n",
        ),
        (
            "e.json",
            '[{"start": 0, "end": 2, "text": "Um.", "speaker": "Anna"},'
            '{"start": 2.1, "end": 5, "text": "Dois.", "speaker": "Bruno"}]',
        ),
        (
            "f.ass",
            "[V4+ Styles]\n[Events]\n"
            "Dialogue: 0,0:00:00.00,0:00:02.00,Default,Anna,0,0,0,,Um.\n"
            "Dialogue: 0,0:00:02.10,0:00:05.00,Default,Bruno,0,0,0,,Dois.\n",
        ),
    ],
)
def test_names_in_every_format(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    said = human_translation.read(tmp_path / name, told((0, 2, "S1"), (2, 5, "S1")), "pt")
    spoken = [(one.speaker.capitalize(), one.text) for one in said.segments]
    assert spoken == [("Anna", "Um."), ("Bruno", "Dois.")]
