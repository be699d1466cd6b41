"""Downloads that go on where an earlier one ended, from servers of every manner."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import get_args

import pytest
from file_server import FileServer, Manner

from f2f.weights.catalogue import PinnedFile
from f2f.weights.download import SourceError, UnreachableError, download

CONTENT = bytes(range(256)) * 40
FILE = PinnedFile("weights.bin", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
PARTS = {
    "nothing": None,
    "empty": b"",
    "the beginning": CONTENT[:1000],
    "another beginning": CONTENT[1:1001],
    "all": CONTENT,
    "another file": CONTENT[::-1],
    "all and more": CONTENT + CONTENT[:1000],
    "twice": CONTENT * 2,
}


def fetch(server: FileServer, target: Path, file: PinnedFile = FILE) -> list[int]:
    done: list[int] = []
    with server.running() as address:
        download(address, file, target, done.append)
    return done


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("manner", sorted(set(get_args(Manner)) - {"early", "more"}))
def test_whatever_is_there_and_however_it_is_answered_the_file_is_whole(
    tmp_path: Path, manner: Manner, part: str
) -> None:
    target = tmp_path / "part"
    before = PARTS[part]
    if before is not None:
        target.write_bytes(before)
    server = FileServer(CONTENT, manner)
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert len(server.asked) == 0 if part == "all" else len(server.asked) <= 2


def test_only_the_rest_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(CONTENT[:1000])
    server = FileServer(CONTENT)
    done = fetch(server, tmp_path / "part")
    assert server.asked == ["bytes=1000-"]
    assert 1000 < done[0] <= done[-1] == len(CONTENT)


def test_what_came_before_the_end_is_kept_for_the_next_try(tmp_path: Path) -> None:
    half = len(CONTENT) // 2
    with pytest.raises(SourceError, match=f"ended after {half} of {len(CONTENT)} bytes"):
        fetch(FileServer(CONTENT, "early"), tmp_path / "part")
    server = FileServer(CONTENT)
    fetch(server, tmp_path / "part")
    assert server.asked == [f"bytes={half}-"]
    assert (tmp_path / "part").read_bytes() == CONTENT


@pytest.mark.parametrize("server", [FileServer(CONTENT, "more"), FileServer(CONTENT[::-1])])
@pytest.mark.parametrize("part", ["nothing", "the beginning"])
def test_another_file_is_refused_and_nothing_is_left_that_looks_whole(
    tmp_path: Path, server: FileServer, part: str
) -> None:
    target = tmp_path / "part"
    if PARTS[part] is not None:
        target.write_bytes(PARTS[part] or b"")
    with pytest.raises(SourceError, match=r"more than|another file"):
        fetch(server, target)
    assert not target.exists() or target.stat().st_size <= len(CONTENT)
    fetch(FileServer(CONTENT), target)
    assert target.read_bytes() == CONTENT


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    server = FileServer(CONTENT)
    with server.running() as address, pytest.raises(SourceError, match="404"):
        download(address + "x", FILE, tmp_path / "part", lambda done: None)


def test_a_server_that_is_not_there_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9"):
        download("http://127.0.0.1:9/a", FILE, tmp_path / "part", lambda done: None)
