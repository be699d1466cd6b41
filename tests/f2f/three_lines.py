"""The pinned demo clip with what is said in it as three lines, so that one can be corrected."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2f import config as configuration
from f2f import weights
from f2f.config import Config
from f2f.errors import F2FError

TRANSCRIPT = """1
00:00:00,200 --> 00:00:01,700
Hi, I'm John Peirce.

2
00:00:01,900 --> 00:00:03,500
I'm at the University of Nottingham.

3
00:00:03,700 --> 00:00:05,600
I wrote this software.
"""
"""Not word for word what is said: the tests ask what becomes of its lines."""


def clip() -> Path:
    """The clip; skips where it or a weights file of its dub is not here."""
    try:
        for name in ("wespeaker", "kokoro-voices", "yunet"):
            weights.locate(name)
        return weights.locate("demo-clip")
    except F2FError as error:
        pytest.skip(str(error))


def options(folder: Path, **more: str) -> Config:
    """A dub of three lines into Portuguese, with a store in the folder."""
    transcript = folder / "talk.en.srt"
    if not transcript.exists():
        transcript.write_text(TRANSCRIPT, encoding="utf-8")
    given = {
        "languages.source": "en",
        "languages.target": "pt",
        "recognition.transcript": str(transcript),
        "store.path": str(folder / "store"),
        "delivery.preset": "ultrafast",
    }
    return configuration.load(options={**given, **more})
