"""Projects whose dub is made up, so that pages can be tried without any model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from f2f.config import Config, from_tree
from f2f.review import projects
from f2f.review.projects import Project
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact, Store
from f2f.types import (
    Cast,
    CastEntry,
    Clip,
    Clips,
    Placement,
    Segment,
    Span,
    Speaker,
    SpeechTrack,
    Transcript,
    Word,
)

HOST = "127.0.0.1:8484"
TOKEN = "page-token"


@dataclass(frozen=True)
class Size:
    """How much there is."""

    lines: int = 3
    seconds: float = 2.0
    """From one line to the next."""


def config(folder: Path) -> Config:
    """Into Portuguese, with a store in the folder."""
    return from_tree(
        {
            "languages": {"source": "en", "target": "pt"},
            "store": {"path": str(folder / "store")},
        }
    )


def project(folder: Path, name: str = "talk", size: Size | None = None) -> Project:
    """A project that was dubbed and never corrected; two speakers take turns."""
    size = size or Size()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.mp4").write_bytes(bytes(range(256)) * 8)
    (folder / f"{name}.pt.mp4").write_bytes(b"dub" * 100)
    made = projects.of(folder / f"{name}.mp4", folder / f"{name}.pt.mp4", config(folder))
    store = Store(folder / "store")

    def put(stage: str, value: object) -> str:
        artefact = Artefact(stage, name)
        store.make(artefact, lambda place: values.write(value, place / VALUE), {})
        return str(artefact)

    spans = [
        Span(number * size.seconds, (number + 0.8) * size.seconds) for number in range(size.lines)
    ]
    said = Transcript(
        "pt",
        tuple(
            Segment(number, span, f"S{number % 2 + 1}", f"Linha {number}.")
            for number, span in enumerate(spans)
        ),
        (Speaker("S1"), Speaker("S2")),
    )
    heard = Transcript(
        "en",
        tuple(
            Segment(
                number,
                span,
                f"S{number % 2 + 1}",
                f"Line {number}.",
                (Word(f"Line {number}.", span, 0.3 if number == 1 else 0.9),),
            )
            for number, span in enumerate(spans)
        ),
        said.speakers,
    )
    clips = tuple(
        Clip(number, f"{number}.wav", 16000, span.duration, f"Linha {number}.", "pm_santa")
        for number, span in enumerate(spans)
    )
    track = SpeechTrack(
        tuple(
            Placement(number, span, 0.7 if number == 2 else 1.0, ("fast",) if number == 2 else ())
            for number, span in enumerate(spans)
        ),
        "speech.wav",
        48000,
    )
    cast = Cast(tuple(CastEntry(number, 0, "only") for number in range(size.lines)))
    made.put(
        status="rendered",
        draft={"heard": put("transcribe", heard), "said": put("shorten_text", said)},
        draft_voices={"S1": "pm_santa", "S2": "pf_dora"},
        voices=["pm_santa", "pf_dora"],
        duration=size.lines * size.seconds,
        made={
            "said": put("correct_said", said),
            "clips": put("synthesise", Clips("pt", "kokoro", clips)),
            "speech": put("align", track),
            "cast": put("match_faces", cast),
            "faces": "yes",
        },
        made_of=0,
        seconds={"align": 1.0, "sync_lips": 10.0, "deliver": 5.0},
    )
    peaks = json.dumps({"rate": 20, "duration": 6, "peaks": [1, 50, 100]})
    for which in ("source", "dub"):
        (made.folder / f"{which}.peaks.json").write_text(peaks)
    return made
