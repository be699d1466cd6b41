"""Whoever gives something else than a video is told what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest

from f2f.media.not_media import hint


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("talk.mp4", "a talk")
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("talk.mp4"))
    return buffer.getvalue()


ARCHIVES = {
    "zip": zipped(),
    "tar": tarred(),
    "tar.gz": gzip.compress(tarred()),
    "tar.bz2": bz2.compress(tarred()),
    "tar.xz": lzma.compress(tarred()),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(99),
    "rar": b"Rar!\x1a\x07\x01\0" + bytes(99),
}
PLAYLISTS = {
    "m3u8": b"\xef\xbb\xbf#EXTM3U\n#EXTINF:2,\ntalk.ts\n",
    "m3u": b"talk.mp3\n",
    "pls": b"[playlist]\nFile1=talk.mp4\n",
}


@pytest.mark.parametrize("suffix", ARCHIVES)
def test_an_archive_whatever_its_name(tmp_path: Path, suffix: str) -> None:
    for name in (f"talk.{suffix}", "talk.mp4"):
        (tmp_path / name).write_bytes(ARCHIVES[suffix])
        assert "is an archive: unpack it" in (hint(tmp_path / name) or "")


@pytest.mark.parametrize("suffix", PLAYLISTS)
def test_a_playlist(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"talk.{suffix}").write_bytes(PLAYLISTS[suffix])
    assert "is a playlist" in (hint(tmp_path / f"talk.{suffix}") or "")


def test_a_folder(tmp_path: Path) -> None:
    assert f"f2f batch {tmp_path}" in (hint(tmp_path) or "")


@pytest.mark.parametrize("address", ["https://example.org/v?id=1", "rtmp://example.org/live"])
def test_a_web_address(address: str) -> None:
    assert f"{address!r} is a web address: download" in (hint(Path(address)) or "")


@pytest.mark.parametrize("name", ["talk.mp4", "C:/talk.mp4", "a:b.mp4", "https:/talk.mp4"])
def test_anything_else_is_left_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_bytes(b"\0\0\0\x20ftypisom")
    assert hint(Path(name)) is None
    assert hint(Path("absent.mp4")) is None
