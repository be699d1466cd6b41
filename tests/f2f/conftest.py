"""Real sound for tests marked `assets`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from f2f import media as video
from f2f import weights
from f2f.roles import SPEECH_RATE


@pytest.fixture(scope="session")
def speech_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """A clip's sound as ingest gives it to recognisers."""
    folder = tmp_path_factory.mktemp("sound")

    def extract(clip: Path) -> Path:
        target = folder / f"{clip.stem}.wav"
        if not target.exists():
            info = video.probe(clip)
            duration = Fraction(info.frames) / info.fps
            wanted = (target, SPEECH_RATE, 1)
            video.extract_sound(clip, wanted, start=info.start, duration=duration)
        return target

    return extract


@pytest.fixture(scope="session")
def demo_speech(speech_of: Callable[[Path], Path]) -> Path:
    """The sound of the pinned demo clip."""
    gap = weights.missing("demo-clip")
    if gap is not None:
        pytest.skip(gap)
    return speech_of(weights.locate("demo-clip"))
