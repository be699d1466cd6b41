"""Fetching over HTTP from a server of our own, and what the registries' clients are told."""

from __future__ import annotations

import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from f2f.weights.catalogue import PinnedFile, Url
from f2f.weights.sources import Fetcher, SourceError, _command, _run_client

CONTENT = bytes(range(256)) * 40


class Server(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT with ranges; remembers what was asked for."""

    asked: list[str]

    def do_GET(self) -> None:
        if self.path != "/weights.bin":
            self.send_error(404)
            return
        asked = self.headers.get("Range", "")
        self.asked.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-") or 0)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start:])

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def address() -> Iterator[str]:
    Server.asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


FILE = PinnedFile("weights.bin", len(CONTENT), "-")


def fetch(address: str, target: Path, file: PinnedFile = FILE) -> list[int]:
    done: list[int] = []
    Fetcher(target.parent).fetch(Url(address), file, target, done.append)
    return done


def test_a_file_comes_whole(address: str, tmp_path: Path) -> None:
    done = fetch(f"{address}/weights.bin", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert done[-1] == len(CONTENT)


def test_a_partial_file_is_continued(address: str, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(CONTENT[:1000])
    fetch(f"{address}/weights.bin", tmp_path / "part")
    assert Server.asked == ["bytes=1000-"]
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_a_server_that_sends_too_much_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="more than"):
        fetch(f"{address}/weights.bin", tmp_path / "part", PinnedFile("weights.bin", 100, "-"))


def test_what_is_not_there_is_said(address: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="404"):
        fetch(f"{address}/other.bin", tmp_path / "part")


def test_a_deaf_host_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher = Fetcher(tmp_path)
    for _ in range(2):
        with pytest.raises(SourceError, match=r"127\.0\.0\.1:9"):
            fetcher.fetch(Url("http://127.0.0.1:9/a"), FILE, tmp_path / "part", lambda done: None)
        monkeypatch.setattr("urllib.request.urlopen", None)  # a second try would be an error


def test_no_package_is_installed_and_no_script_of_it_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = _command("pip", "a==1", tmp_path)
    assert pip[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary"} <= set(pip)
    assert "--no-binary" in _command("sdist", "a==1", tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: "/bin/npm")
    assert {"pack", "--ignore-scripts"} <= set(_command("npm", "a@1", tmp_path))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SourceError, match="npm is not installed"):
        _command("npm", "a@1", tmp_path)


def test_a_clients_failure_gives_its_own_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('ERROR: no such version')"]
    with pytest.raises(SourceError, match="a==1: ERROR: no such version"):
        _run_client("a==1", command, tmp_path, lambda done: None)
