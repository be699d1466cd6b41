"""The order of the stages asks for nothing twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from f2f import pipeline
from f2f.config import Config
from f2f.store.artefacts import Artefact
from f2f.store.digests import digest_json
from f2f.store.stage import Input, Stage


@dataclass
class Noting:
    """A runner that runs nothing and remembers what it is asked for."""

    asked: list[Artefact] = field(default_factory=list)
    config: Config = field(default_factory=Config)

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        artefact = Artefact(stage.name, digest_json([str(item) for item in inputs])[:32])
        self.asked.append(artefact)
        return artefact


@pytest.mark.parametrize("chain", ["translate", "dub", "transcribe", "lipsync"])
def test_nothing_is_asked_for_twice(chain: str) -> None:
    run, files = Noting(), [Path("talk.mp4"), Path("speech.wav")]
    getattr(pipeline, chain)(*files[: 2 if chain == "lipsync" else 1], run)
    assert max(Counter(run.asked).values()) == 1
    assert [artefact.stage for artefact in run.asked].count("ingest") == 1
