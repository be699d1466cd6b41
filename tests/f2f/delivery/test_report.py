from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from f2f.delivery import report
from f2f.delivery.dub import DubbedSpeech
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact, Store
from f2f.timing import figures
from f2f.timing.figures import TimingFigures
from f2f.types import Clip, Clips, Placement, Segment, Span, SpeechTrack, Transcript

SAID = Transcript(
    "hi", (Segment(0, Span(0, 2), "S1", "नमस्ते"), Segment(1, Span(2, 4), "S2", "धन्यवाद"))
)
CLIPS = Clips(
    "hi",
    "kokoro",
    (
        Clip(0, "0.wav", 24_000, 1.0, "नमस्ते", "hm_omega", error_rate=0.1),
        Clip(1, "1.wav", 24_000, 1.0, "धन्यवाद", "hf_alpha", error_rate=0.3, flags=("misheard",)),
    ),
)
TIMING = TimingFigures(2, 0.0, 12.5, 1.0, 1.2, 0.1, 0.3, 1, 4, 0)
TRACK = SpeechTrack(
    (Placement(0, Span(0, 1), 1.0), Placement(1, Span(2, 3), 0.7, ("fast",))), "", 1
)


def spoken(store: Store, clips: Clips) -> DubbedSpeech:
    def put(stage: str, value: Any) -> Artefact:
        def fill(folder: Path) -> None:
            values.write(value, folder / VALUE)
            values.write(TIMING, folder / figures.FILE)
            if stage == "synthesise":
                logging.getLogger("f2f.stages.synthesise").warning("a second-best voice")

        return store.make(Artefact(stage, "0"), fill, {})

    source, heard, translated, said = (put(name, SAID) for name in ("a", "b", "c", "d"))
    made, speech, sound = put("synthesise", clips), put("align", TRACK), put("mix", SAID)
    return DubbedSpeech(source, heard, heard, translated, said, made, speech, sound)


def test_a_dub_of_the_sound_says_all_that_a_person_must_know(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert report.speech_summary(spoken(store, CLIPS), store).splitlines() == [
        "voices: S1 hm_omega, S2 hf_alpha",
        "timing: clips 2, overlap 0, rate 12.5, stretch p50 1, stretch p95 1.2, onset error 0.1, "
        "onset error p95 0.3, flagged 1, words 4, dropped 0",
        "heard back: character error rate 0.200",
        "look at segment 1 (misheard, fast): धन्यवाद",
        "warning: a second-best voice",
    ]


def test_what_was_not_checked_has_no_error_rate(tmp_path: Path) -> None:
    store = Store(tmp_path)
    unchecked = Clips("hi", "kokoro", (Clip(0, "0.wav", 24_000, 1.0, "नमस्ते", "hm_omega"),))
    assert "heard back" not in report.speech_summary(spoken(store, unchecked), store)
