"""A line's attempts and checks, over a synthesiser whose faults are known."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import soundfile

from f2f.roles import Sound, Synthesiser, Voice
from f2f.voices import spoken_line
from f2f.voices.spoken_line import AUDIO, Check, Line

RATE = 16_000
LINE = Line("Hello there, good morning to you all.", "en", Voice("v", "en", "female"))


def tone(seconds: float, level: float = 0.5) -> Sound:
    times = np.arange(round(seconds * RATE)) / RATE
    return Sound((level * np.sin(2 * np.pi * 200 * times)).astype(np.float32), RATE)


class Scripted:
    """Gives the sounds it was told to, in order; the last one for ever."""

    def __init__(self, *sounds: Sound) -> None:
        self.sounds = list(sounds)
        self.asked: list[str] = []

    def speak(
        self, text: str, language: str, voice: Voice, *, reference: Sound | None = None
    ) -> Sound:
        self.asked.append(text)
        return self.sounds.pop(0) if len(self.sounds) > 1 else self.sounds[0]


def make(tmp_path: Path, voice: Scripted, check: Check | None = None) -> spoken_line.SpokenLine:
    return spoken_line.make(LINE, cast(Synthesiser, voice), tmp_path, check=check)


def test_a_good_line_is_spoken_once(tmp_path: Path) -> None:
    voice = Scripted(tone(2.2))
    made = make(tmp_path, voice)
    assert made.flags == ()
    assert made.duration == pytest.approx(2.2, abs=0.02)
    assert len(voice.asked) == 1
    sound, rate = soundfile.read(tmp_path / AUDIO)
    assert rate == made.sample_rate
    assert len(sound) / rate == pytest.approx(made.duration)


def test_a_line_that_is_too_short_is_spoken_again(tmp_path: Path) -> None:
    voice = Scripted(tone(0.1), tone(2.2))
    assert make(tmp_path, voice).flags == ()
    assert len(voice.asked) == 2


def test_after_three_attempts_the_best_is_kept_and_flagged(tmp_path: Path) -> None:
    voice = Scripted(tone(20), tone(20), tone(20))
    made = make(tmp_path, voice)
    assert made.flags == ("too-long",)
    assert (tmp_path / AUDIO).stat().st_size > 20 * RATE
    assert len(voice.asked) > 2
    assert voice.asked[-2:] == ["Hello there,", "good morning to you all."]


def test_recognising_back_decides_between_attempts(tmp_path: Path) -> None:
    heard = iter(["something else entirely", "hello there good morning to you all"])
    made = make(tmp_path, Scripted(tone(2.2)), Check(lambda _sound, _language: next(heard), 0.3))
    assert made.error_rate == 0
    assert made.flags == ()


def test_what_is_always_misheard_is_flagged_with_the_best_rate(tmp_path: Path) -> None:
    check = Check(lambda _sound, _language: "hello there", 0.3)
    made = make(tmp_path, Scripted(tone(2.2)), check)
    assert made.flags == ("misheard",)
    assert made.error_rate is not None
    assert made.error_rate > 0.3


def test_another_script_is_no_error_rate(tmp_path: Path) -> None:
    made = make(tmp_path, Scripted(tone(2.2)), Check(lambda _sound, _language: "نمستے", 0.3))
    assert made.error_rate is None
    assert made.flags == ("heard-in-another-script",)


def test_silence_at_the_ends_goes_and_full_scale_holds() -> None:
    quiet = np.zeros(RATE, np.float32)
    loud = Sound(np.concatenate([quiet, 2 * tone(1).samples, quiet]), RATE)
    kept = spoken_line.trimmed(loud)
    assert len(kept.samples) / RATE == pytest.approx(1.06, abs=0.03)
    assert np.abs(kept.samples).max() <= 1.0
    assert len(spoken_line.trimmed(Sound(quiet, RATE)).samples) == RATE


@pytest.mark.parametrize(
    ("text", "says"), [("…", False), ("♪ ♪", False), ("हाँ", True), ("3", True)]
)
def test_speakable(text: str, says: bool) -> None:
    assert spoken_line.speakable(text) is says


def test_a_backend_that_cannot_is_not_replaced_by_silence(tmp_path: Path) -> None:
    made = make(tmp_path, Scripted(Sound(np.zeros(RATE, np.float32), RATE)))
    assert "silent" in made.flags


def test_letters_that_the_voice_cannot_read_are_spoken_in_latin_ones(tmp_path: Path) -> None:
    voice = Scripted(tone(2.2))
    line = Line("We flew to 北京 for $5 million, you know.", "en", LINE.voice)
    spoken_line.make(line, cast(Synthesiser, voice), tmp_path)
    assert voice.asked[0] == "We flew to Bei Jing for five million dollars, you know."
