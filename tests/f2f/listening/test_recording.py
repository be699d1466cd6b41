"""Long recordings in pieces, with words where they belong."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from f2f.errors import InputError
from f2f.listening import listen, pieces, sound_of
from f2f.roles import SPEECH_RATE, Samples
from f2f.types import Segment, Span, Transcript, Word

LOUD = 0.5


def spans_of_loudness(window: Samples) -> tuple[Span, ...]:
    """Stands in for the voice detector: what is loud is speech."""
    loud = np.concatenate([[0], (np.abs(window) > 0.1).astype(int), [0]])
    edges = np.flatnonzero(np.diff(loud)) / SPEECH_RATE
    return tuple(Span(float(a), float(b)) for a, b in edges.reshape(-1, 2))


@pytest.fixture(autouse=True)
def loudness_is_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("f2f.listening.recording.speech_spans", spans_of_loudness)


def recording(*spoken: tuple[float, float], seconds: float) -> Samples:
    sound = np.zeros(round(seconds * SPEECH_RATE), np.float32)
    for start, end in spoken:
        sound[round(start * SPEECH_RATE) : round(end * SPEECH_RATE)] = LOUD
    return sound


class Echo:
    """A recogniser that "hears" one word for each loud stretch of what it is given."""

    def __init__(self) -> None:
        self.given: list[float] = []

    def recognise(self, audio: Samples, language: str | None) -> Transcript:
        self.given.append(len(audio) / SPEECH_RATE)
        words = tuple(Word(" w", span) for span in spans_of_loudness(audio))
        segment = Segment(0, Span(0.0, self.given[-1]), "", "w", words)
        return Transcript(language or "hi", (segment,))


def hear(sound: Samples, echo: Echo, *, seconds: float, gated: bool = True) -> list[Span]:
    heard = listen(
        sound,
        echo,  # type: ignore[arg-type]
        language=None,
        piece_seconds=seconds,
        gated=gated,
        advance=lambda done, total: None,
    )
    assert heard.language == ("hi" if heard.words else "und")
    return [word.span for word in heard.words]


def test_pieces_cover_everything_and_are_cut_in_the_longest_pause() -> None:
    sound = recording((1, 7), (7.4, 8), (8.2, 14), (16, 17), seconds=30)
    found = list(pieces(sound, 10.0))
    assert found[0].span.start == 0.0 and found[-1].span.end == 30.0
    assert all(one.span.end == two.span.start for one, two in itertools.pairwise(found))
    assert found[0].span.end == pytest.approx(7.2)
    assert found[0].speech == (Span(1.0, 7.0),)


def test_speech_without_any_pause_is_cut_at_the_end() -> None:
    found = list(pieces(recording((0, 25), seconds=25), 10.0))
    assert [piece.span.end for piece in found] == [10.0, 20.0, 25.0]


def test_words_of_every_piece_are_on_the_recordings_clock() -> None:
    spoken = [(1.0, 2.0), (4.0, 9.0), (13.0, 14.5), (27.0, 29.0), (50.0, 51.0)]
    sound = recording(*spoken, seconds=60)
    found = hear(sound, Echo(), seconds=12.0)
    assert len(found) == len(spoken)
    for span, (start, end) in zip(found, spoken, strict=True):
        assert span.start == pytest.approx(start, abs=0.01)
        assert span.end == pytest.approx(end, abs=0.01)


def test_no_sound_is_heard_twice_at_a_cut_in_speech() -> None:
    echo = Echo()
    hear(recording((0, 25), seconds=25), echo, seconds=10.0)
    assert echo.given == [10.0, 10.0, 5.0]


def test_the_recogniser_never_gets_silence() -> None:
    echo = Echo()
    hear(recording((10.0, 11.0), seconds=100), echo, seconds=30.0)
    assert echo.given == [pytest.approx(1.6)]


def test_silence_gives_no_words_and_no_language() -> None:
    echo = Echo()
    assert hear(recording(seconds=20), echo, seconds=30.0) == []
    assert echo.given == []


def test_without_the_gate_everything_is_heard() -> None:
    echo = Echo()
    hear(recording((10.0, 11.0), seconds=20), echo, seconds=30.0, gated=False)
    assert echo.given == [20.0]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Samples, int], Path]:
    def write(sound: Samples, rate: int = SPEECH_RATE) -> Path:
        path = tmp_path / "speech.wav"
        soundfile.write(path, sound, rate, subtype="PCM_16")
        return path

    return write


def test_a_file_becomes_one_array(written: Callable[..., Path]) -> None:
    sound = recording((0.5, 1.0), seconds=2)
    with sound_of(written(sound)) as mapped:
        np.testing.assert_array_equal(mapped, sound)
        assert isinstance(mapped, np.memmap)
    with sound_of(written(sound[:0])) as mapped:
        assert len(mapped) == 0


def test_another_rate_or_no_sound_at_all_is_refused(
    written: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="16000"), sound_of(written(np.zeros(9), 8000)):
        pass
    broken = tmp_path / "broken.wav"
    broken.write_text("not sound")
    with pytest.raises(InputError, match="broken"), sound_of(broken):
        pass
