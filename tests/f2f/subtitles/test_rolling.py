"""Captions that roll are said once; what is said twice stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2f import subtitles
from f2f.types import Segment

YOUTUBE = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:01.429 align:start position:0%
 \nwelcome<00:00:00.400><c> to</c><00:00:00.600><c> the</c><00:00:00.900><c> lesson</c>

00:00:01.429 --> 00:00:01.439 align:start position:0%
welcome to the lesson
 \n
00:00:01.439 --> 00:00:02.600 align:start position:0%
welcome to the lesson
today<00:00:01.700><c> we</c><00:00:01.900><c> learn</c>

00:00:02.600 --> 00:00:02.610 align:start position:0%
today we learn
 \n"""
AGAIN = """
00:00:02.610 --> 00:00:03.800 align:start position:0%
today we learn
today<00:00:03.000><c> we</c><00:00:03.200><c> learn</c>

00:00:03.800 --> 00:00:03.810 align:start position:0%
today we learn
 \n"""


def srt(*cues: tuple[float, float, str]) -> str:
    return "\n\n".join(
        f"{number}\n00:00:{start:06.3f} --> 00:00:{end:06.3f}\n{text}"
        for number, (start, end, text) in enumerate(cues, start=1)
    )


def read(folder: Path, text: str, suffix: str = ".srt") -> tuple[Segment, ...]:
    path = folder / f"talk.en{suffix}"
    path.write_text(text, encoding="utf-8")
    return subtitles.read(path, None).segments


@pytest.mark.parametrize(
    ("text", "suffix", "said"),
    [
        (YOUTUBE, ".vtt", ["welcome to the lesson", "today we learn"]),
        (YOUTUBE + AGAIN, ".vtt", ["welcome to the lesson", "today we learn", "today we learn"]),
        (  # the same as tools convert it
            srt(
                (0.16, 1.429, "welcome to the lesson"),
                (1.429, 1.439, "welcome to the lesson\n "),
                (1.439, 2.6, "welcome to the lesson\ntoday we learn"),
                (2.6, 2.61, "today we learn\n "),
            ),
            ".srt",
            ["welcome to the lesson", "today we learn"],
        ),
        (  # roll-up captions of television
            srt(
                (0, 1, "one"),
                (1, 2, "one\ntwo"),
                (2, 3, "one\ntwo\nthree"),
                (3, 4, "two\nthree\nx"),
            ),
            ".srt",
            ["one", "two", "three", "x"],
        ),
        (  # live captions grow
            srt(
                (0, 1, "so\nI"),
                (1, 2, "so\nI want"),
                (2, 3, "so\nI want to"),
                (3, 4, "I want to\ngo"),
            ),
            ".srt",
            ["so I want to", "go"],
        ),
        (
            srt((0, 1, "I"), (1, 2, "I want"), (2, 3, "I want to"), (3, 4, "I want to go")),
            ".srt",
            ["I want to go"],
        ),
        (  # a window that holds what was said
            srt((0, 1, "a b\nc d"), (1, 2, "c d\ne f"), (2, 3, "e f")),
            ".srt",
            ["a b c d", "e f"],
        ),
    ],
)
def test_what_rolls_is_said_once(tmp_path: Path, text: str, suffix: str, said: list[str]) -> None:
    assert [one.text for one in read(tmp_path, text, suffix)] == said


@pytest.mark.parametrize(
    "cues",
    [
        [(0, 1, "Help!"), (1, 2, "Help!"), (2, 3, "Help!"), (3, 4, "Help!")],
        [(0, 1, "No."), (1, 2, "No.\nPlease.")],
        [(0, 1, "Let it be"), (1, 2, "Let it be\nwhisper words"), (2, 3, "of wisdom")],
        [(0, 1, "row\nrow"), (1, 2, "row your boat")],
        [(0, 1, "We will"), (5, 6, "We will\nrock you"), (9, 10, "rock you\nagain")],
        [(0, 1, "No"), (1, 2, "No way")],
        [(0, 0.01, "A"), (0.01, 0.02, "A"), (0.02, 0.03, "A"), (0.03, 0.04, "A A")],
    ],
)
def test_speech_that_repeats_stays(tmp_path: Path, cues: list[tuple[float, float, str]]) -> None:
    said = [one.text for one in read(tmp_path, srt(*cues))]
    assert said == [" ".join(text.split()) for _, _, text in cues]


def test_a_named_line_that_repeats_stays(tmp_path: Path) -> None:
    cues = [f"00:00.0{at} --> 00:00.0{at + 1}\n<v Anna>No.\n" for at in range(4)]
    found = read(tmp_path, "WEBVTT\n\n" + "\n".join(cues), ".vtt")
    assert [(one.speaker, one.text) for one in found] == [("Anna", "No.")] * 4


def test_first_words_begin_when_they_are_shown(tmp_path: Path) -> None:
    first, second = read(tmp_path, YOUTUBE, ".vtt")
    assert (first.span.start, first.span.end, second.span.start) == (0.16, 1.429, 1.439)


def test_a_line_of_a_space_does_not_end_a_cue_and_an_empty_one_does(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n \t\nworld\n\nno cue\n"
    assert [one.text for one in read(tmp_path, text, ".vtt")] == ["Hello world"]
