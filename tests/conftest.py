"""Shared by all tests: a cache of real weights if it is there, never the network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

REPOSITORY = Path(__file__).resolve().parent.parent
MEDIA = REPOSITORY.parent / "shared" / "media"


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder of real clips, which is never part of the repository."""
    if not MEDIA.is_dir():
        pytest.skip("the clips of ../shared/media are not at hand")
    return MEDIA
