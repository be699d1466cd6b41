"""JSON transcripts: languages, times and words as tools write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from f2f import subtitles
from f2f.errors import InputError
from f2f.types import Transcript

LINE = {"start": 0.2, "end": 2.4, "text": " Hello there."}


def read(folder: Path, tree: Any, language: str | None = None) -> Transcript:
    path = folder / "talk.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    return subtitles.read(path, language)


def spoken(**fields: Any) -> dict[str, Any]:
    return {"language": "en", "segments": [{**LINE, **fields}]}


@pytest.mark.parametrize(
    ("stated", "asked"),
    [
        *(("hin", "hi"), ("hi-IN", "hi"), ("Hindi", "hi"), ("हिन्दी", "hi"), ("HI", None)),
        *(("hi", "hin"), ("und", "hi"), (None, "hi"), ("", "hi")),
    ],
)
def test_the_same_language_in_other_words_is_the_same(
    tmp_path: Path, stated: str | None, asked: str | None
) -> None:
    assert read(tmp_path, {"language": stated, "segments": [LINE]}, asked).language == "hi"


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        (["en"], r"talk.json: \['en'\] is no language"),
        ("../../etc/en", "talk.json: '../../etc/en' is no language"),
        ({"code": "en"}, "is no language"),
        (7, "7 is no language"),
        ("Klingonish", "is no language"),
        ("de-DE", "says that it is in 'de', not in 'en'"),
    ],
)
def test_no_language_and_another_language_are_refused(
    tmp_path: Path, stated: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, {"language": stated, "segments": [LINE]}, "en")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"end": float("inf")}, "segment 0 has a time that is not finite"),
        ({"start": float("-inf")}, "segment 0 has a time that is not finite"),
        ({"end": float("nan")}, "segment 0 needs start, end and text"),
        ({"end": None}, "segment 0 needs"),
        ({"end": "soon"}, "segment 0 needs"),
        ({"end": [2]}, "segment 0 needs"),
        ({"end": 0.1}, "segment 0 ends before it starts"),
        ({"words": [{"word": "Hello", "start": 1, "end": float("inf")}]}, "not finite"),
        ({"words": [{"word": "Hello", "start": 1, "end": 0.5}]}, "a word of segment 0 ends before"),
        ({"words": ["Hello"]}, "segment 0 needs"),
        ({"id": float("inf")}, "segment 0 needs"),
    ],
)
def test_impossible_times_are_refused(tmp_path: Path, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, spoken(**fields))


def test_our_own_form_is_checked_as_well(tmp_path: Path) -> None:
    for end, message in ((float("inf"), "not finite"), (0.1, "ends before it starts")):
        segment = {"id": 0, "span": {"start": 1.0, "end": end}, "speaker": "A", "text": "x"}
        with pytest.raises(InputError, match=message):
            read(tmp_path, {"language": "en", "segments": [segment]})


def word(text: str, start: float | None = None, end: float | None = None) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end, "score": 0.5}


@pytest.mark.parametrize(
    ("words", "spans"),
    [
        ([word("in", 0.6, 0.8), {"word": "2016"}, word("that", 1.4, 1.6)], {1: (0.8, 1.4)}),
        ([{"word": "ab"}, {"word": "cdef"}, word("x", 1.4, 2.4)], {0: (0.2, 0.6), 1: (0.6, 1.4)}),
        ([word("x", 0.2, 1.4), {"word": "2016"}], {1: (1.4, 2.4)}),
        ([{"word": "a"}, {"word": "b"}], {0: (0.2, 1.3), 1: (1.3, 2.4)}),
        ([word("a", 0.2, 1), word("7", float("nan"), float("nan")), word("b", 1, 2)], {1: (1, 1)}),
        ([word("a", 0.2, 1), word("7", 1.0, None), word("b", 1.5, 2)], {1: (1, 1.5)}),
    ],
)
def test_words_without_times_lie_between_their_neighbours(
    tmp_path: Path, words: list[dict[str, Any]], spans: dict[int, tuple[float, float]]
) -> None:
    (segment,) = read(tmp_path, spoken(words=words)).segments
    assert [one.text for one in segment.words] == [one["word"] for one in words]
    for at, (start, end) in spans.items():
        found = segment.words[at].span
        assert (found.start, found.end) == (pytest.approx(start), pytest.approx(end))
    times = [time for one in segment.words for time in (one.span.start, one.span.end)]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("item", "start", "end", "speaker"),
    [
        ({**LINE, "start": -0.5}, 0.0, 2.4, ""),
        ({**LINE, "start": 2.4}, 2.4, 3.0, ""),
        ({"text": "Hi", "words": [word("Hi", 0.5, 0.9)]}, 0.5, 0.9, ""),
        ({**LINE, "start": None, "words": [word("Hi", 0.5, 0.9)]}, 0.5, 2.4, ""),
        ({**LINE, "words": [{"word": "Hi", "speaker": "SPEAKER_01"}]}, 0.2, 2.4, "SPEAKER_01"),
        ({**LINE, "speaker": "Anna", "words": None}, 0.2, 2.4, "Anna"),
    ],
)
def test_segments_as_tools_write_them(
    tmp_path: Path, item: dict[str, Any], start: float, end: float, speaker: str
) -> None:
    following = {"start": 3.0, "end": 4.0, "text": "Bye."}
    first, _ = read(tmp_path, {"language": "en", "segments": [item, following]}).segments
    assert (first.span.start, first.span.end, first.speaker) == (start, end, speaker)


def test_empty_segments_of_no_length_are_left_out(tmp_path: Path) -> None:
    segments = [LINE, {"start": 2.4, "end": 2.4, "text": " "}]
    assert len(read(tmp_path, {"language": "en", "segments": segments}).segments) == 1


@pytest.mark.parametrize(
    ("text", "speaker", "said"),
    [
        ("[Music] so today", "", "so today"),
        (" (sighs) Well, &amp; then", "", "Well, & then"),
        (">> JOHN: Hello.", "JOHN", "Hello."),
        ("[Anna] Hi.", "Anna", "Hi."),
        ("<i>Slanted</i> ♪ la la ♪", "", "Slanted"),
        ("He said (in 1990) so.", "", "He said (in 1990) so."),
        ("[BLANK_AUDIO]", "", None),
    ],
)
def test_sounds_and_markup_are_not_spoken(
    tmp_path: Path, text: str, speaker: str, said: str | None
) -> None:
    last = {"start": 3.0, "end": 4.0, "text": "Bye.", "speaker": "B"}
    tree = {"language": "en", "segments": [{**LINE, "text": text, "id": 7}, {**last, "id": 9}]}
    found = [(one.id, one.speaker, one.text) for one in read(tmp_path, tree).segments]
    assert found == [*([(7, speaker, said)] if said else []), (9, "B", "Bye.")]
