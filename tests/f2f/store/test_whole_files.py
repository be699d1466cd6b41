"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from f2f.errors import InputError, StoreError
from f2f.store import owners
from f2f.store.whole_files import make_all, make_whole


def test_a_copy_appears_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "new folder" / "b"
    source.write_bytes(b"content")
    make_whole(target, lambda temporary: shutil.copyfile(source, temporary))
    assert target.read_bytes() == b"content"
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_a_failed_write_keeps_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "b"
    target.write_text("before")

    def fail(temporary: Path) -> None:
        temporary.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_whole(target, fail)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_of_several_files_all_are_written_or_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")

    def fail(_: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_all({tmp_path / "a": lambda path: path.write_text("new"), tmp_path / "b": fail})
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"a": "before"}


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    here = owners.here()
    dead = owners.Owner(here.machine, here.pid, here.started + 1)  # a number taken again
    (tmp_path / f".f2f-{dead.token}-x").write_text("half a video")
    living = tmp_path / f".f2f-{here.token}-y"
    living.write_text("of another thread")
    make_whole(tmp_path / "b", lambda temporary: temporary.write_text("x"))
    assert {file.name for file in tmp_path.iterdir()} == {"b", living.name}


def test_an_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        make_whole(tmp_path / "file" / "b", lambda temporary: temporary.write_text("x"))


FULL = [errno.ENOSPC, errno.EDQUOT]


@pytest.mark.parametrize("number", FULL)
@pytest.mark.parametrize(
    "step", ["pathlib.Path.mkdir", "tempfile.mkstemp", "shutil.copyfile", "pathlib.Path.replace"]
)
def test_a_disk_that_is_full_at_the_last_copy_is_no_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, step: str
) -> None:
    source, target = tmp_path / "a", tmp_path / "new" / "b"
    source.write_bytes(b"content")
    if step != "pathlib.Path.mkdir":
        target.parent.mkdir()

    def full(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(step, full)
        with pytest.raises(
            StoreError, match=f"^cannot write {target}: {os.strerror(number)}$"
        ) as e:
            make_whole(target, lambda temporary: shutil.copyfile(source, temporary))
    assert e.value.exit_code == 6
    assert not target.parent.exists() or list(target.parent.iterdir()) == []
