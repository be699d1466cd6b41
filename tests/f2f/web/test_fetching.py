"""A video from the web: named by its title, kept once, whole or not at all."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from f2f.errors import InputError
from f2f.store import values
from f2f.web.addresses import is_address
from f2f.web.fetching import RECORD, Origin, fetched
from f2f.web.yt_dlp_downloads import Download, Watch

ADDRESS = "https://example.org/watch?v=1//2"


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "a.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(3):
            grey = np.full((64, 64, 3), 128, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        container.mux(stream.encode())
    return path


@dataclass
class Web:
    """A downloader whose pages are given here."""

    video: Path
    title: str = "A talk"
    error: BaseException | None = None
    asked: list[str] = field(default_factory=list)

    def __call__(self, address: str, folder: Path, *, sound: bool, watch: Watch) -> Download:
        self.asked.append(address)
        file = folder / "video.mp4"
        shutil.copyfile(self.video, file)
        watch(1, 2)
        if self.error is not None:
            (folder / "video.mp4.part").write_bytes(b"half")
            raise self.error
        return Download(file, self.title, "id7", "Test", "Anna", "CC-BY-4.0")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_it_is_kept_by_its_title_with_where_it_is_from(tmp_path: Path, video: Path) -> None:
    place = fetched(ADDRESS, tmp_path / "out", download=Web(video))
    assert place == tmp_path / "out" / "A talk.mp4"
    assert place.read_bytes() == video.read_bytes()
    origin = values.read(Origin, tmp_path / "out" / f"A talk.mp4{RECORD}")
    assert (origin.address, origin.title, origin.licence) == (ADDRESS, "A talk", "CC-BY-4.0")
    assert names(tmp_path / "out") == {"A talk.mp4", f"A talk.mp4{RECORD}"}


def test_it_is_fetched_once(tmp_path: Path, video: Path) -> None:
    web = Web(video)
    places = {fetched(ADDRESS, tmp_path, download=web, sound=sound) for sound in (False, True)}
    assert places == {tmp_path / "A talk.mp4"} and web.asked == [ADDRESS]
    (tmp_path / "A talk.mp4").write_bytes(b"edited")
    assert fetched(ADDRESS, tmp_path, download=web) == tmp_path / "A talk [id7].mp4"
    assert (tmp_path / "A talk.mp4").read_bytes() == b"edited"


def test_a_name_and_a_password_are_not_kept(tmp_path: Path, video: Path) -> None:
    web = Web(video)
    for _ in range(2):
        place = fetched("https://anna:secret@example.org/v", tmp_path, download=web)
    assert "secret" not in place.with_name(place.name + RECORD).read_text()
    assert len(web.asked) == 1


def test_nobodys_file_is_overwritten(tmp_path: Path, video: Path) -> None:
    for name in ("A talk.mp4", "A talk [id7].mp4"):
        (tmp_path / name).write_bytes(b"a person's own")
    with pytest.raises(InputError, match=r"A talk \[id7\].mp4 is there already"):
        fetched(ADDRESS, tmp_path, download=Web(video))
    assert names(tmp_path) == {"A talk.mp4", "A talk [id7].mp4"}


@pytest.mark.parametrize("error", [InputError("gone"), KeyboardInterrupt(), OSError("broken")])
def test_nothing_half_downloaded_stays(tmp_path: Path, video: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        fetched(ADDRESS, tmp_path / "out", download=Web(video, error=error))
    assert names(tmp_path / "out") == set()


def test_what_is_no_video_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("this is no video")
    with pytest.raises(InputError, match="no video that can be read"):
        fetched(ADDRESS, tmp_path / "out", download=Web(tmp_path / "text"))
    assert names(tmp_path / "out") == set()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc passwd.mp4"),
        ("-x --exec rm", "x --exec rm.mp4"),
        ("C:\\talk\0.mp4", "C talk .mp4.mp4"),
        ("", "untitled.mp4"),
        ("...", "untitled.mp4"),
        ("हिन्दी: क्या?", "हिन्दी क्या.mp4"),
        ("evil\u202e4pm.exe", "evil 4pm.exe.mp4"),
    ],
)
def test_a_title_never_leaves_the_folder(
    tmp_path: Path, video: Path, title: str, name: str
) -> None:
    folder = tmp_path / "a" / "b"
    assert fetched(ADDRESS, folder, download=replace(Web(video), title=title)) == folder / name
    assert names(folder) == {name, name + RECORD}
    assert names(tmp_path / "a") == {"b"}


def test_a_long_title_is_shortened(tmp_path: Path, video: Path) -> None:
    place = fetched(ADDRESS, tmp_path, download=Web(video, title="नमस्ते " * 60))
    assert place.exists() and len(place.name.encode()) < 240


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://example.org/v", True),
        ("HTTP://example.org", True),
        ("https:/example.org", False),
        ("rtmp://example.org/live", False),
        ("talk.mp4", False),
        ("https://", False),
    ],
)
def test_what_is_an_address(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one
