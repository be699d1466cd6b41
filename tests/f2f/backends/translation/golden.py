"""What the publisher's own code made of IndicTrans2's inputs; see ../shared/data/indictrans2."""

from __future__ import annotations

import functools
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

ARCHIVE = Path(__file__).parents[5] / "shared" / "data" / "indictrans2" / "golden.tar.xz"

needs_golden = pytest.mark.skipif(not ARCHIVE.exists(), reason="needs ../shared/data/indictrans2")


@functools.cache
def read(name: str) -> Any:
    """One of the archive's JSON files."""
    with tarfile.open(ARCHIVE) as archive:
        file = archive.extractfile(f"./{name}")
        assert file is not None
        return json.load(file)


def tiny(folder: Path) -> Path:
    """The tiny model's folder, in the published form."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder / "tiny"
