from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from f2f.config import from_tree
from f2f.delivery import destinations
from f2f.delivery.files import Result
from f2f.errors import InputError


def test_a_place_that_can_be_written_is_taken_and_left_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "new" / "talk.hi.mp4"
    source = tmp_path / "talk.mp4"
    source.touch()
    assert destinations.check(target, sources=(source,), suffixes=destinations.VIDEO) == target
    assert list(tmp_path.iterdir()) == [source]


def test_what_cannot_be_a_result_is_refused_in_one_sentence(tmp_path: Path) -> None:
    source, link = tmp_path / "talk.mp4", tmp_path / "link.mp4"
    source.write_text("a video")
    link.symlink_to(source)
    (tmp_path / "folder.mp4").mkdir()
    for name, reason in (
        ("talk.mp4", "the source itself"),
        ("link.mp4", "the source itself"),
        ("talk.avi", "must end in .mp4"),
        ("folder.mp4", "is a folder"),
        ("talk.mp4/inside.mp4", "cannot write"),
    ):
        with pytest.raises(InputError, match=reason):
            destinations.check(tmp_path / name, sources=(source,), suffixes=destinations.VIDEO)
    assert source.read_text() == "a video"


def test_a_sound_is_no_video(tmp_path: Path) -> None:
    assert destinations.check(tmp_path / "a.wav", sources=(), suffixes=destinations.SOUND)
    with pytest.raises(InputError, match="a sound file"):
        destinations.check(tmp_path / "a.mp4", sources=(), suffixes=destinations.SOUND)


RESULT = Result(
    video="dub.mp4",
    subtitles=("dub.hi.srt", "dub.hi.vtt", "dub.en.srt", "dub.en.vtt"),
    sidecar="dub.sources.json",
    frames=1,
    fps=Fraction(25),
    codec="h264",
    mark="off",
    changed_frames=0,
)


def names(output: str) -> list[str]:
    return [place.name for place in destinations.places_of(RESULT, Path(output)).values()]


def test_subtitles_are_named_after_the_video_and_their_language() -> None:
    expected = ["talk.hi.srt", "talk.hi.vtt", "talk.en.srt", "talk.en.vtt"]
    assert names("talk.hi.mp4") == ["talk.hi.mp4", "talk.hi.sources.json", *expected]
    assert names("talk.mp4") == ["talk.mp4", "talk.sources.json", *expected]


def test_a_dot_in_a_name_is_no_language() -> None:
    assert names("Lecture 1.2.mp4")[2] == "Lecture 1.2.hi.srt"
    assert names("Lecture 1.2.hi.mp4")[2] == "Lecture 1.2.hi.srt"


def test_what_a_person_wrote_is_not_written_over(tmp_path: Path) -> None:
    own = tmp_path / "talk.hi.srt"
    own.write_text("a translator's work")
    config = from_tree({"translation": {"translation": str(own)}})
    places = destinations.places_of(
        RESULT, tmp_path / "talk.hi.mp4", sources=destinations.given_files(config)
    )
    assert places["dub.hi.srt"] == tmp_path / "talk.hi.dub.srt"
    assert places["dub.en.srt"] == tmp_path / "talk.en.srt"
