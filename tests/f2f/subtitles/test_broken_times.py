"""Timing lines as tools, translators and editors damage them; and other times that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2f import subtitles
from f2f.errors import InputError
from f2f.types import Segment

LAST = "9\n00:00:08,000 --> 00:00:09,000\nThe last line.\n"


def read(folder: Path, text: str, name: str = "a.srt") -> tuple[Segment, ...]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return subtitles.read(path, "en").segments


@pytest.mark.parametrize(
    ("timing", "start", "end"),
    [
        ("-00:00:00,500 --> 00:00:01,900", 0.0, 1.9),
        ("00:00:02,000 -> 00:00:03,000", 2.0, 3.0),
        ("00:00:03:100 --> 00:00:04:000", 3.1, 4.0),
        ("00:00:04 --> 00:00:05", 4.0, 5.0),
        ("00:00:04 -> 00:00:05", 4.0, 5.0),
        ("00: 00: 01,000 -> 00: 00: 02,500", 1.0, 2.5),
        ("00:00:01;250 --> 00:00:02;500", 1.25, 2.5),
        ("00:01.5 → 00:02.25", 1.5, 2.25),
        ("0:0:1,000-->0:0:2,000", 1.0, 2.0),
        ("00:00:01,000 --> 00:00:02,000 X1:40 X2:600 Y1:20 Y2:50", 1.0, 2.0),
        ("00:00:01,000 --&gt; 00:00:02,000", 1.0, 2.0),
        ("００：００：０１，０００ --> ００：００：０２，０００", 1.0, 2.0),
        ("00:00:01,1234567 --> 00:00:02,9999", 1.123, 2.999),
    ],
)
def test_what_can_mean_one_time_only_is_read(
    tmp_path: Path, timing: str, start: float, end: float
) -> None:
    one, last = read(tmp_path, f"1\n{timing}\nSome words.\n\n{LAST}")
    assert (one.span.start, one.span.end, one.text) == (start, end, "Some words.")
    assert last.text == "The last line."


@pytest.mark.parametrize(
    "timing",
    [
        "00:00:05,000 -->",
        "--> 00:00:05,000",
        "00:00:05,000 --> 00:00:0G,000",
        "00:00:05,000 00:00:06,000",
        "00:00:05,000 - 00:00:06,000",
        "0:00:05.000,0:00:06.000",
        "00:00:75,000 --> 00:00:76,000",
        "00:61:05,000 --> 00:61:06,000",
        "00:00:05:12 --> 00:00:06:03",
        "00:00:05,000 --> 00:00:06,000 Some words on the same line",
        "-00:00:05,000 --> -00:00:04,000",
        "00:00:05,000 -> soon: 3:00",
        "00:00:06,000 -> 00:00:05,000",
        "5.5 --> 6.5",
    ],
)
def test_any_other_is_refused_with_its_line(tmp_path: Path, timing: str) -> None:
    first = "1\n00:00:01,000 --> 00:00:02,000\nThe first line.\n"
    with pytest.raises(InputError, match=r"^a\.srt, line 6: "):
        read(tmp_path, f"{first}\n2\n{timing}\nSome words.\n\n{LAST}")


@pytest.mark.parametrize(
    "line",
    [
        "We meet at 10:30 -> 11:30 or so",
        "5 -> 3",
        "3:00",
        "At 3:00 -",
        "2024",
        "x -> y: 2:1",
    ],
)
def test_figures_and_arrows_that_somebody_says_stay_text(tmp_path: Path, line: str) -> None:
    one, _ = read(tmp_path, f"1\n00:00:01,000 --> 00:00:02,000\nHe says\n{line}\n\n{LAST}")
    assert one.text == f"He says {line}"


def test_a_cue_that_begins_before_the_video_comes_first(tmp_path: Path) -> None:
    second = "2\n-00:00:00,500 --> 00:00:01,900\nEarly.\n"
    found = read(tmp_path, f"1\n00:00:00,200 --> 00:00:01,200\nLate.\n\n{second}")
    assert [(one.span.start, one.text) for one in found] == [(0.0, "Early."), (0.2, "Late.")]


def cue(start: str, end: str, text: str) -> str:
    return f"1\n00:00:{start} --> 00:00:{end}\n{text}\n\n"


@pytest.mark.parametrize(
    ("cues", "spans"),
    [
        ([("02,400", "02,400", "")], []),
        ([("02,400", "02,400", "[sighs]")], []),
        ([("02,400", "02,400", "Hm.")], [(2.4, 2.6)]),
        ([("02,000", "02,000", "Hm.")], [(2.0, 2.6)]),
        ([("01,000", "01,000", "Hm.")], [(1.0, 2.0)]),
        ([("01,000", "01,000", "Hm."), ("01,000", "01,000", "Yes")], [(1.0, 1.8), (1.8, 2.6)]),
        ([("02,000", "02,000", "ab"), ("02,000", "02,500", "cdef")], [(2.0, 2.167), (2.167, 2.5)]),
    ],
)
def test_lines_of_no_length_last_until_the_next(
    tmp_path: Path, cues: list[tuple[str, str, str]], spans: list[tuple[float, float]]
) -> None:
    found = read(tmp_path, "".join(cue(*one) for one in cues) + cue("02,600", "04,900", "Goodbye."))
    assert [(round(one.span.start, 3), round(one.span.end, 3)) for one in found[:-1]] == spans
    assert found[-1].span.start == 2.6


def test_a_last_line_of_no_length_lasts_a_second(tmp_path: Path) -> None:
    (one,) = read(tmp_path, cue("02,000", "02,000", "The end."))
    assert (one.span.start, one.span.end) == (2.0, 3.0)


def test_a_cue_that_is_there_twice_is_said_once(tmp_path: Path) -> None:
    both = cue("01,000", "02,000", "Hello.") + cue("01,000", "02,000", "Hello.")
    assert [one.text for one in read(tmp_path, both)] == ["Hello."]
