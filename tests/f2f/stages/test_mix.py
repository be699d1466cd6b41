"""What is kept of the source's sound under a translation, and under a given recording."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from f2f.config import from_tree
from f2f.media import SOUND_RATE
from f2f.soundtrack.mixing import Mix
from f2f.stages.ingest import SOUND
from f2f.stages.mix import mix
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Plain, Work, stage
from f2f.types import Placement, Segment, Span, SpeechTrack, Transcript, VideoInfo

SECONDS, SPOKEN = 6, Span(0.0, 2.0)
CLOCK = np.arange(SECONDS * SOUND_RATE) / SOUND_RATE
SOURCE, SPEECH = 440.0, 1000.0


@stage(version=1, settings=lambda config: ())
def source(work: Work) -> None:
    tone = 0.2 * np.sin(2 * np.pi * SOURCE * CLOCK)
    soundfile.write(work.folder / SOUND, np.stack([tone, tone], 1), SOUND_RATE)
    work.write(
        VideoInfo(
            path="talk.mp4",
            digest="0",
            fps=Fraction(25),
            size=(320, 240),
            frames=SECONDS * 25,
            duration=float(SECONDS),
            rotation=0,
            variable_rate=False,
            has_audio=True,
            still=False,
            pixel_format="yuv420p",
        )
    )


@stage(version=1, settings=lambda config: ())
def speech(work: Work) -> None:
    tone = np.where(SPOKEN.end > CLOCK, 0.2 * np.sin(2 * np.pi * SPEECH * CLOCK), 0.0)
    soundfile.write(work.folder / "speech.wav", tone, SOUND_RATE)
    work.write(SpeechTrack((Placement(0, SPOKEN, 1.0),), "speech.wav", SOUND_RATE))


@stage(version=1, settings=lambda config: ())
def heard(work: Work) -> None:
    work.write(Transcript("en", (Segment(0, SPOKEN, "S1", "Hello"),)))


def levels(folder: Path, background: str | None, *, recording: bool) -> tuple[Mix, float, float]:
    """The mix, and the source's own level during and after the speech, in dB of the whole."""
    store = Store(folder)
    tree = {"soundtrack": {"background": background}} if background else {}
    run = Plain(from_tree(tree), store)
    texts: list[Artefact] = [] if recording else [run(heard)]
    made = run(mix, run(speech), run(source), *texts)
    result = store.read(made, Mix)
    sound = soundfile.read(store.path(made, result.audio))[0][:, 0]
    spans = (slice(SOUND_RATE // 2, 3 * SOUND_RATE // 2), slice(4 * SOUND_RATE, 5 * SOUND_RATE))
    wave = np.exp(2j * np.pi * SOURCE * CLOCK)
    during, after = (2 * abs((sound * wave)[span].mean()) for span in spans)
    return result, during, after


@pytest.mark.parametrize("asked", [None, "auto", "none"])
def test_nothing_of_the_source_is_heard_beside_a_recording(
    tmp_path: Path, asked: str | None
) -> None:
    result, during, after = levels(tmp_path, asked, recording=True)
    assert result.background == "none"
    assert max(during, after) < 1e-3


def test_it_is_kept_beside_a_recording_for_those_who_ask(tmp_path: Path) -> None:
    result, during, after = levels(tmp_path, "duck", recording=True)
    assert result.background == "duck"
    assert 1e-3 < during < after / 4


@pytest.mark.parametrize("asked", [None, "auto", "duck"])
def test_it_is_ducked_under_a_translation(tmp_path: Path, asked: str | None) -> None:
    result, during, after = levels(tmp_path, asked, recording=False)
    assert result.background == "duck"
    assert 1e-3 < during < after / 4
