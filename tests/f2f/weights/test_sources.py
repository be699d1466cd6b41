"""Fetchers, and what is done with what they bring."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_download import FILE

from f2f.weights.catalogue import Url
from f2f.weights.download import SourceError
from f2f.weights.sources import Fetcher


def test_a_deaf_host_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher = Fetcher(tmp_path)
    for _ in range(2):
        with pytest.raises(SourceError, match=r"127\.0\.0\.1:9"):
            fetcher.fetch(Url("http://127.0.0.1:9/a"), FILE, tmp_path / "part", lambda done: None)
        monkeypatch.setattr("urllib.request.urlopen", None)  # a second try would be an error
