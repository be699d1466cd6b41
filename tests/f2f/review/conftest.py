from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shelf

pytest.importorskip("starlette", reason="the extra `review` is not installed")

from starlette.testclient import TestClient

from f2f.review.app import app
from f2f.review.projects import Project


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder of its own."""
    monkeypatch.setenv("F2F_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return shelf.project(tmp_path / "videos")


@pytest.fixture
def client(project: Project) -> Iterator[TestClient]:
    """A browser with our page's token."""
    server = app([project], hosts=[shelf.HOST], page_token=shelf.TOKEN)
    headers = {"x-f2f-page": shelf.TOKEN}
    with TestClient(server, base_url=f"http://{shelf.HOST}", headers=headers) as client:
        yield client
