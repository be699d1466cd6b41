from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from f2f.config import Soundtrack
from f2f.errors import StageError
from f2f.soundtrack import mixing
from f2f.soundtrack.loudness import Block, blocks, measure
from f2f.soundtrack.mixing import BRIDGE, FADE_DOWN, FADE_UP, Mix, blend, ducking
from f2f.types import Span

RATE = 48_000


@pytest.fixture
def sounds(tmp_path: Path) -> tuple[Path, Path]:
    """Bursty speech-like noise in 1..3 s and 12..14 s, and a steady stereo tone."""
    random = np.random.default_rng(0)
    speech = np.zeros(RATE * 15, np.float32)
    for second in (1, 2, 12, 13):
        burst = random.standard_normal(RATE) * np.hanning(RATE) * 0.1
        speech[second * RATE : (second + 1) * RATE] = burst
    soundfile.write(tmp_path / "speech.wav", speech, RATE)
    tone = 0.05 * np.sin(2 * np.pi * 440 * np.arange(RATE * 15) / RATE)
    soundfile.write(tmp_path / "tone.wav", np.stack([tone, tone], 1), RATE)
    return tmp_path / "speech.wav", tmp_path / "tone.wav"


SPOKEN = (Span(1, 3), Span(12, 14))


def mixed(sounds: tuple[Path, Path], *, samples: int = RATE * 15, **options: object) -> Mix:
    speech, tone = sounds
    chosen = Soundtrack.model_validate(options)
    return blend(
        speech,
        None if chosen.background == "none" else tone,
        speech.with_name("mix.wav"),
        samples=samples,
        spoken=SPOKEN,
        options=chosen,
        reference=tone,
    )


@pytest.mark.parametrize("background", ["none", "duck"])
@pytest.mark.parametrize("loudness", [-16.0, -23.0, "source"])
def test_loudness_peak_and_length(
    sounds: tuple[Path, Path], background: str, loudness: float | str
) -> None:
    result = mixed(sounds, background=background, loudness=loudness, samples=RATE * 15 - 7)
    path = sounds[0].with_name(result.audio)
    wanted = measure(sounds[1]).integrated if loudness == "source" else loudness
    assert measure(path).integrated == pytest.approx(wanted, abs=0.15)
    assert measure(path).true_peak <= -1.0
    assert soundfile.info(path).frames == result.samples == RATE * 15 - 7
    assert not path.with_name("unlimited.wav").exists()


def test_limiter_holds_the_peak_where_loudness_wants_more(sounds: tuple[Path, Path]) -> None:
    result = mixed(sounds, background="none", loudness=-9.0, true_peak=-3.0)
    assert result.true_peak <= -3.0
    assert result.loudness == pytest.approx(-9.0, abs=1.5)


def test_the_ceiling_holds_even_where_the_limiter_does_not(
    sounds: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def useless(file: soundfile.SoundFile, gain: float, _ceiling: float) -> Iterator[Block]:
        return (np.clip(block * gain, -0.9, 0.9).astype(np.float32) for block in blocks(file))

    monkeypatch.setattr(mixing, "limited", useless)
    result = mixed(sounds, background="none", loudness=-9.0, true_peak=-3.0)
    path = sounds[0].with_name(result.audio)
    assert measure(path).true_peak == result.true_peak <= -3.0
    assert "turned down" in caplog.text
    assert {file.name for file in path.parent.iterdir()} == {"mix.wav", "speech.wav", "tone.wav"}


def test_sound_at_another_rate_is_one_sentence(sounds: tuple[Path, Path]) -> None:
    soundfile.write(sounds[1], np.zeros((100, 2)), 44_100)
    with pytest.raises(StageError, match=r"tone\.wav is at 44100 Hz"):
        mixed(sounds)


def test_background_is_ducked_only_under_speech(sounds: tuple[Path, Path]) -> None:
    path = sounds[0].with_name(mixed(sounds, duck_db=-20.0).audio)
    sound, _ = soundfile.read(path)
    tone = np.exp(-2j * np.pi * 440 * np.arange(RATE // 2) / RATE)

    def level(second: float) -> float:
        piece = sound[round(second * RATE) :][: RATE // 2, 0]
        return 20 * np.log10(abs((piece * np.hanning(RATE // 2)) @ tone))

    assert level(7.0) - level(12.8) == pytest.approx(20.0, abs=1.5)
    assert level(7.0) == pytest.approx(level(10.0), abs=0.2)


def test_ducking_is_smooth_and_bridges_pauses() -> None:
    times = np.arange(0, 20, 0.001)
    gain = ducking((Span(2, 4), Span(4.5, 5), Span(12, 13)), -18.0)(times)
    depth = 10 ** (-18 / 20)

    def at(time: float) -> float:
        return float(gain[round(time * 1000)])

    assert at(2 - FADE_DOWN - 0.01) == at(5 + FADE_UP + 0.01) == 1.0
    assert at(2) == at(4.2) == at(4.9) == at(12.5) == pytest.approx(depth)
    assert at(8) == 1.0
    assert np.abs(np.diff(gain)).max() < 0.02
    bridged = ducking((Span(0, 1), Span(1 + BRIDGE, 4)), -18.0)(times)
    assert bridged[:4000].max() == pytest.approx(depth)


@pytest.mark.parametrize("background", [None, "hum.wav"])
def test_speech_too_short_for_a_loudness_is_heard(tmp_path: Path, background: str | None) -> None:
    """Such as "yes" over a still; 997 Hz is where weighting changes nothing."""
    times = np.arange(round(0.3 * RATE)) / RATE
    soundfile.write(tmp_path / "speech.wav", 0.02 * np.sin(2 * np.pi * 997 * times), RATE)
    soundfile.write(tmp_path / "hum.wav", np.full((len(times), 2), 1e-5), RATE)
    blend(
        tmp_path / "speech.wav",
        tmp_path / background if background else None,
        tmp_path / "mix.wav",
        samples=len(times),
        spoken=(),
        options=Soundtrack(loudness=-20.0),
        reference=tmp_path / background if background else None,
    )
    sound, _ = soundfile.read(tmp_path / "mix.wav")
    assert 10 * np.log10(np.square(sound).sum(axis=1).mean()) == pytest.approx(-20.0, abs=0.5)


@pytest.mark.parametrize(("level", "seconds"), [(0.0, 1.0), (0.0, 0.3), (0.001, 1.0)])
def test_silent_speech_stays_silent(tmp_path: Path, level: float, seconds: float) -> None:
    """Also if the silence is a steady level other than zero."""
    speech = tmp_path / "speech.wav"
    soundfile.write(speech, np.full(round(seconds * RATE), level), RATE)
    result = blend(
        speech,
        None,
        tmp_path / "mix.wav",
        samples=round(seconds * RATE),
        spoken=(),
        options=Soundtrack(background="none"),
        reference=None,
    )
    assert result.loudness is None
    assert not soundfile.read(tmp_path / "mix.wav")[0].any()
