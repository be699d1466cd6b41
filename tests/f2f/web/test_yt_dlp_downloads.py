"""yt-dlp itself, on pages of this machine; the sites of the world are not asked."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from f2f import media
from f2f.errors import InputError, MissingError
from f2f.web import addresses, yt_dlp_downloads
from f2f.web.yt_dlp_downloads import download

TITLE = "Dr. O'Neil on talks"
PAGE = "<html><head><title>{title}</title></head><body>{videos}</body></html>"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Says nothing about its requests."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a video, and pages that show none, one and two."""
    pytest.importorskip("yt_dlp", reason="needs the extra `url`")
    folder = tmp_path_factory.mktemp("site")
    for name in ("one.mp4", "two.mp4"):
        with av.open(str(folder / name), "w") as container:
            container.metadata["title"] = "Its own"
            stream: Any = container.add_stream("libx264", rate=Fraction(25))
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            for _ in range(25):
                grey = np.full((64, 64, 3), 128, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
            container.mux(stream.encode())
    show = '<video src="{}.mp4"></video>'.format
    for name, videos in {"none": [], "page": ["one"], "list": ["one", "two"]}.items():
        text = PAGE.format(title=TITLE, videos="".join(map(show, videos)))
        (folder / f"{name}.html").write_text(text)
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def got(address: str, folder: Path) -> yt_dlp_downloads.Download:
    told: list[float] = []
    done = download(address, folder, sound=False, watch=lambda have, _: told.append(have))
    assert told == sorted(told)
    assert list(folder.iterdir()) == [done.file]
    return done


def test_a_file(site: str, tmp_path: Path) -> None:
    """Stays as it is, with its own title, whatever its name."""
    done = got(f"{site}/one.mp4", tmp_path)
    assert (done.title, media.probe(done.file).frames) == ("one", 25)
    with av.open(str(done.file)) as container:
        assert container.metadata["title"] == "Its own"


def test_a_page_that_shows_one(site: str, tmp_path: Path) -> None:
    done = got(f"{site}/page.html", tmp_path)
    assert done.title.startswith(TITLE)
    with av.open(str(done.file)) as container:
        assert container.metadata["title"].startswith(TITLE)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("list.html", r"is a playlist \(2 videos\): give the address of one of them$"),
        ("none.html", r"^nothing can be fetched from .*: Unsupported URL"),
        ("absent.mp4", r"^nothing can be fetched from .*: Unable to download.*404"),
    ],
)
def test_what_cannot_be_fetched_is_one_sentence(
    site: str, tmp_path: Path, name: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        download(f"{site}/{name}", tmp_path, sound=False, watch=lambda *_: None)
    assert "\n" not in str(caught.value) and "ERROR" not in str(caught.value)


def test_no_server(tmp_path: Path, site: str) -> None:
    with pytest.raises(InputError, match="nothing can be fetched from"):
        download("http://127.0.0.1:1/a.mp4", tmp_path, sound=False, watch=lambda *_: None)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(addresses, "find_spec", lambda _: None)
    with pytest.raises(MissingError, match=r"web address: download .*face-to-face\[url\]"):
        download("https://example.org/v", tmp_path, sound=False, watch=lambda *_: None)
