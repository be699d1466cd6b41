from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from f2f import outputs, processes
from f2f.config import from_tree
from f2f.delivery import Result
from f2f.errors import InputError


def test_a_place_that_can_be_written_is_taken_and_left_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "new" / "talk.hi.mp4"
    source = tmp_path / "talk.mp4"
    source.touch()
    assert outputs.check(target, sources=(source,), suffixes=outputs.VIDEO) == target
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
            outputs.check(tmp_path / name, sources=(source,), suffixes=outputs.VIDEO)
    assert source.read_text() == "a video"


def test_a_sound_is_no_video(tmp_path: Path) -> None:
    assert outputs.check(tmp_path / "a.wav", sources=(), suffixes=outputs.SOUND)
    with pytest.raises(InputError, match="a sound file"):
        outputs.check(tmp_path / "a.mp4", sources=(), suffixes=outputs.SOUND)


def test_a_copy_appears_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "new folder" / "b"
    source.write_bytes(b"content")
    outputs.copy_whole(source, target)
    assert target.read_bytes() == b"content"
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_a_failed_write_keeps_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "b"
    target.write_text("before")

    def fail(temporary: Path) -> None:
        temporary.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outputs.make_whole(target, fail)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    here = processes.here()
    dead = processes.Owner(here.machine, here.pid, here.started + 1)  # a number taken again
    (tmp_path / f".f2f-{dead.token}-x").write_text("half a video")
    living = tmp_path / f".f2f-{here.token}-y"
    living.write_text("of another thread")
    outputs.make_whole(tmp_path / "b", lambda temporary: temporary.write_text("x"))
    assert {file.name for file in tmp_path.iterdir()} == {"b", living.name}


def test_an_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        outputs.make_whole(tmp_path / "file" / "b", lambda temporary: temporary.write_text("x"))


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
    return [place.name for place in outputs.places_of(RESULT, Path(output)).values()]


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
    places = outputs.places_of(
        RESULT, tmp_path / "talk.hi.mp4", sources=outputs.given_files(config)
    )
    assert places["dub.hi.srt"] == tmp_path / "talk.hi.dub.srt"
    assert places["dub.en.srt"] == tmp_path / "talk.en.srt"
