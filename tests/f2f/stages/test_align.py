"""Clips in, one exact track out, with every word accounted for."""

from __future__ import annotations

import json
from pathlib import Path

import faces_video as made
import numpy as np
import pytest
import soundfile

from f2f.config import Config
from f2f.stages.align import align
from f2f.store import values
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Plain
from f2f.timing.figures import TimingFigures
from f2f.timing.word_map import MappedWord
from f2f.types import Clip, Clips, Segment, Span, SpeechTrack, Transcript

RATE = 24_000
HEARD = Transcript(
    "en",
    (
        Segment(0, Span(0.5, 1.5), "A", "one two three"),
        Segment(1, Span(2.0, 3.0), "A", "four five"),
    ),
)
SAID = Transcript(
    "hi",
    (
        Segment(0, Span(0.5, 1.5), "A", "एक दो तीन"),
        Segment(1, Span(2.0, 3.0), "A", "चार पाँच"),
    ),
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def clips(store: Store, *lengths: float) -> Artefact:
    """A tone a clip, at 300 Hz, 600 Hz, …"""

    def payload(folder: Path) -> None:
        for number, length in enumerate(lengths):
            clock = np.arange(round(length * RATE)) / RATE
            tone = 0.3 * np.sin(2 * np.pi * 300 * (number + 1) * clock)
            soundfile.write(folder / f"{number}.wav", tone, RATE)

    made_clips = tuple(
        Clip(number, f"{number}.wav", RATE, length, "", "voice")
        for number, length in enumerate(lengths)
    )
    return made.artefact(store, "synthesise", Clips("hi", "test", made_clips), payload)


def aligned(store: Store, *lengths: float, still: bool = False) -> tuple[Artefact, SpeechTrack]:
    result = Plain(Config(), store)(
        align,
        clips(store, *lengths),
        made.artefact(store, "translate_text", SAID),
        made.artefact(store, "transcribe", HEARD),
        made.source(store, 100, still=still),
    )
    return result, store.read(result, SpeechTrack)


def test_the_track_is_as_long_as_the_video_and_clips_lie_as_planned(store: Store) -> None:
    result, track = aligned(store, 1.0, 1.2)
    sound, rate = soundfile.read(store.path(result, track.audio))
    assert (rate, len(sound), track.sample_rate) == (48_000, 4 * 48_000, 48_000)
    for placement, pitch in zip(track.placements, (300, 600), strict=True):
        start, end = (round(t * rate) for t in (placement.span.start, placement.span.end))
        inside = sound[start + 2000 : end - 2000]
        spectrum = np.abs(np.fft.rfft(inside))
        assert abs(np.argmax(spectrum) * rate / len(inside) - pitch) < 5
    assert np.abs(sound[: round(0.45 * rate)]).max() < 1e-3
    assert np.abs(sound[round(3.3 * rate) :]).max() < 1e-3


def test_figures_and_word_map_lie_beside_it(store: Store) -> None:
    result, _ = aligned(store, 1.0, 1.2)
    figures = values.read(TimingFigures, store.path(result, "timing.json"))
    assert (figures.clips, figures.words, figures.dropped, figures.overlap) == (2, 5, 0, 0.0)
    words = values.read(tuple[MappedWord, ...], store.path(result, "word_map.json"))
    assert [item.word for item in words] == ["one", "two", "three", "four", "five"]
    assert json.loads(store.path(result, "timing.json").read_text())["flagged"] == 0


def test_a_clip_that_was_not_spoken_shows_as_dropped_words(store: Store) -> None:
    result, track = aligned(store, 1.0)
    assert len(track.placements) == 1
    assert values.read(TimingFigures, store.path(result, "timing.json")).dropped == 2


def test_a_still_picture_lasts_as_long_as_the_speech(store: Store) -> None:
    result, track = aligned(store, 1.0, 2.5, still=True)
    assert track.placements[-1].stretch == pytest.approx(1.0, abs=1e-4)
    frames = soundfile.info(store.path(result, track.audio)).frames
    assert frames == pytest.approx(track.placements[-1].span.end * 48_000, abs=1)
