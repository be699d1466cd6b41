from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from clips import make


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    """Make a clip in the test's folder: clip(name, times, …) as `clips.make`."""

    def made(name: str, times: Sequence[Fraction], **options: Any) -> Path:
        return make(tmp_path / name, times, **options)

    return made
