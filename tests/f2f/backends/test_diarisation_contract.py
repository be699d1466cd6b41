"""What every diariser must do, over every one that is built in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import scipy.signal

from f2f import weights
from f2f.backends import BUILT_IN, resolve
from f2f.backends.diarisation.wespeaker import features
from f2f.config import Config, from_tree
from f2f.errors import ConfigError
from f2f.roles import SPEECH_RATE, Diariser, Samples
from f2f.store import values
from f2f.types import Segment, Span, Speaker, Word

BACKENDS = tuple(BUILT_IN["diarisation"])
LOW, HIGH = 110.0, 220.0


def voice(pitch: float, formants: tuple[float, ...], seconds: float, seed: int) -> Samples:
    """A glottal buzz through a vocal tract that moves a little: a voice, if not a nice one."""
    generator = np.random.default_rng(seed)
    count = round(seconds * SPEECH_RATE)
    wander = np.repeat(generator.uniform(0.92, 1.08, count // 1600 + 1), 1600)[:count]
    phase = np.cumsum(pitch * wander / SPEECH_RATE)
    sound = np.diff(np.floor(phase), prepend=0.0) + 0.01 * generator.standard_normal(count)
    for formant in formants:
        sound = scipy.signal.lfilter(*scipy.signal.iirpeak(formant, 6, fs=SPEECH_RATE), sound)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


@pytest.fixture(scope="module")
def conversation() -> tuple[Samples, tuple[Segment, ...]]:
    """Low, high, low, high voice, three seconds each, with half a second between."""
    parts, segments = [], []
    for number in range(4):
        low = number % 2 == 0
        pitch, tract = (LOW, (500.0, 1100.0)) if low else (HIGH, (700.0, 2300.0))
        start = number * 3.5
        parts += [voice(pitch, tract, 3.0, number), np.zeros(SPEECH_RATE // 2, np.float32)]
        span = Span(start, start + 3.0)
        segments.append(Segment(number, span, "", f"line {number}", (Word("line", span),)))
    return np.concatenate(parts), tuple(segments)


def opened(name: str, settings: dict[str, Any] | None = None) -> Any:
    config = from_tree({"diarisation": settings or {}})
    gap = resolve("diarisation", name).missing(config)
    if gap is not None:
        pytest.skip(gap)
    return resolve("diarisation", name)(config)


@pytest.fixture(params=[pytest.param("wespeaker", marks=pytest.mark.assets), "single"])
def diariser(request: pytest.FixtureRequest) -> Iterator[Diariser]:
    with opened(request.param) as backend:
        yield backend


def test_all_are_tested() -> None:
    assert set(BACKENDS) == {"wespeaker", "single"}


@pytest.mark.parametrize("name", BACKENDS)
def test_says_who_it_is(name: str) -> None:
    info = resolve("diarisation", name).info
    assert (info.name, info.role) == (name, "diarisation")
    assert info.licence and all(entry in weights.catalogue().entries for entry in info.weights)


def test_contract(diariser: Diariser, conversation: tuple[Samples, tuple[Segment, ...]]) -> None:
    assert isinstance(diariser, Diariser)
    sound, segments = conversation
    labelled, speakers = diariser.diarise(sound, segments)
    assert [(item.id, item.span, item.text, item.words) for item in labelled] == [
        (item.id, item.span, item.text, item.words) for item in segments
    ]
    assert [speaker.id for speaker in speakers] == list(
        dict.fromkeys(item.speaker for item in labelled)
    )
    assert all(speaker.id and 60 < speaker.pitch < 400 for speaker in speakers)
    assert values.from_json(Speaker, values.to_json(speakers[0])) == speakers[0]
    assert diariser.diarise(sound, segments) == (labelled, speakers)
    assert diariser.diarise(sound, ()) == ((), ())


def test_a_segment_beyond_the_end_or_of_no_length_is_survived(
    diariser: Diariser, conversation: tuple[Samples, tuple[Segment, ...]]
) -> None:
    sound, segments = conversation
    odd = (
        *segments,
        Segment(7, Span(5.0, 5.0), "", "nothing"),
        Segment(8, Span(900.0, 901.0), "", "later"),
    )
    labelled, _ = diariser.diarise(sound, odd)
    assert len(labelled) == len(odd) and all(item.speaker for item in labelled)


@pytest.mark.assets
def test_voice_prints_tell_two_voices_apart(
    conversation: tuple[Samples, tuple[Segment, ...]],
) -> None:
    sound, segments = conversation
    with opened("wespeaker", {"speakers": 2}) as diariser:
        labelled, (first, second) = diariser.diarise(sound, segments)
    assert [item.speaker for item in labelled] == ["S1", "S2", "S1", "S2"]
    assert (first.gender, second.gender) == ("male", "female")
    assert first.pitch == pytest.approx(LOW, rel=0.05)
    assert second.pitch == pytest.approx(HIGH, rel=0.05)


def test_single_refuses_two_speakers() -> None:
    with pytest.raises(ConfigError, match="wespeaker"):
        resolve("diarisation", "single")(from_tree({"diarisation": {"speakers": 2}}))
    assert resolve("diarisation", "single").missing(Config()) is None


def test_features_are_kaldis() -> None:
    """80 centred bands every 10 ms; a tone lies in the band of its mel frequency."""
    time = np.arange(SPEECH_RATE) / SPEECH_RATE
    tone = (0.1 * np.sin(2 * np.pi * 1000 * time) * (time > 0.5)).astype(np.float32)
    bands = features(tone)
    assert bands.shape == (98, 80)
    np.testing.assert_allclose(bands.mean(axis=0), 0.0, atol=1e-4)
    mel = 1127 * np.log1p(np.array([20.0, 8000.0, 1000.0]) / 700)
    expected = (mel[2] - mel[0]) / (mel[1] - mel[0]) * 81 - 1
    assert bands[70:].mean(axis=0).argmax() == pytest.approx(expected, abs=1)
