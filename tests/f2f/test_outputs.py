from __future__ import annotations

from pathlib import Path

import pytest

from f2f import outputs
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
