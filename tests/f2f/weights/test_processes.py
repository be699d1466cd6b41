"""Several processes that share one library, and one that is killed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from file_server import NAME, FileServer

from f2f.errors import MissingError
from f2f.weights import Library, State
from f2f.weights.catalogue import parse

CONTENT = os.urandom(1 << 20)
PULL = """
import sys
from pathlib import Path
from f2f.weights import Library
from f2f.weights.catalogue import parse
folder, catalogue, *names = sys.argv[1:]
Library(Path(folder), parse(Path(catalogue).read_text())).pull(names)
"""
METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: 1\n"

Start = Callable[..., "subprocess.Popen[str]"]


def entry(name: str, source: str, content: bytes, file: str = NAME.strip("/")) -> str:
    digest = hashlib.sha256(content).hexdigest()
    return (
        f"  {name}: {{about: x, licence: MIT, files: {{{file}: {{size: {len(content)}, "
        f"sha256: {digest}, sources: [{source}]}}}}}}\n"
    )


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """A process that pulls into the library in `tmp_path`."""

    def begin(*names: str) -> subprocess.Popen[str]:
        arguments = [str(tmp_path / "weights"), str(tmp_path / "catalogue.yaml"), *names]
        line = [sys.executable, "-c", PULL, *arguments]
        return subprocess.Popen(line, stderr=subprocess.PIPE, text=True)

    return begin


def library_of(tmp_path: Path, *entries: str) -> Library:
    text = "entries:\n" + "".join(entries)
    (tmp_path / "catalogue.yaml").write_text(text)
    return Library(tmp_path / "weights", parse(text))


def ended_well(process: subprocess.Popen[str]) -> None:
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said


@pytest.mark.slow
def test_two_that_pull_the_same_file_fetch_it_once(tmp_path: Path, start: Start) -> None:
    server = FileServer(CONTENT, seconds=3.0)
    with server.running() as address:
        library = library_of(tmp_path, entry("one", f"url: {address}", CONTENT))
        for process in [start("one") for _ in range(3)]:
            ended_well(process)
    assert server.asked == [""]
    assert library.locate("one").read_bytes() == CONTENT


@pytest.mark.slow
def test_one_does_not_take_packages_from_under_another(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = tmp_path / "links"
    links.mkdir()
    names = ("aa", "bb", "cc")
    for name in names:
        with zipfile.ZipFile(links / f"{name}-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}/part", CONTENT)
            wheel.writestr(f"{name}-1.dist-info/METADATA", METADATA.format(name))
            wheel.writestr(f"{name}-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(f"{name}-1.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    library = library_of(
        tmp_path, *(entry(name, f"pip: {name}==1 {name}/part", CONTENT) for name in names)
    )
    for process in [start(name) for name in names]:
        ended_well(process)
    assert {library.locate(name).read_bytes() for name in names} == {CONTENT}


@pytest.mark.slow
def test_what_a_killed_one_left_is_not_taken_for_whole_and_is_gone_on_with(
    tmp_path: Path, start: Start
) -> None:
    server = FileServer(CONTENT, seconds=6.0)
    with server.running() as address:
        library = library_of(tmp_path, entry("one", f"url: {address}", CONTENT))
        process = start("one")
        parts = library.folder / ".packages"
        deadline = time.monotonic() + 60
        while not any(part.stat().st_size > 0 for part in parts.glob("*.part")):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.05)
        process.kill()
        process.communicate()
        assert {status.state for status in library.listing()} == {State.ABSENT}
        assert library.verify() == ()
        with pytest.raises(MissingError, match="not here"):
            library.locate("one")
        server.seconds = 0.0
        library.pull(["one"])
    assert len(server.asked) == 2 and server.asked[1].startswith("bytes=")
    assert library.locate("one").read_bytes() == CONTENT
    assert sorted(path.name for path in library.folder.rglob("*")) == [
        ".lock",
        "one",
        NAME.strip("/"),
    ]
