from __future__ import annotations

from pathlib import Path

import pytest

from f2f import job, processes
from f2f.errors import InputError


def test_a_copy_appears_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "new folder" / "b"
    source.write_bytes(b"content")
    job.copy_whole(source, target)
    assert target.read_bytes() == b"content"
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_a_failed_write_keeps_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "b"
    target.write_text("before")

    def fail(temporary: Path) -> None:
        temporary.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.make_whole(target, fail)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    here = processes.here()
    dead = processes.Owner(here.machine, here.pid, here.started + 1)  # a number taken again
    (tmp_path / f".f2f-{dead.token}-x").write_text("half a video")
    living = tmp_path / f".f2f-{here.token}-y"
    living.write_text("of another thread")
    job.make_whole(tmp_path / "b", lambda temporary: temporary.write_text("x"))
    assert {file.name for file in tmp_path.iterdir()} == {"b", living.name}


def test_an_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        job.make_whole(tmp_path / "file" / "b", lambda temporary: temporary.write_text("x"))


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for path, reason in (
        (tmp_path / "absent.mp4", "no file"),
        (tmp_path, "not a file"),
        (empty, "zero bytes"),
    ):
        with pytest.raises(InputError, match=reason):
            job.check_file(path)
