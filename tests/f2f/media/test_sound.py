from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from f2f import media
from f2f.errors import InputError

RATE = 48_000
TIMES = [Fraction(index, 25) for index in range(100)]


def clicks(times: np.ndarray) -> np.ndarray:
    """A 40 ms tone burst at every whole second and a half."""
    burst = (times % 1 > 0.5) & (times % 1 < 0.54)
    return np.where(burst, 0.5 * np.sin(2 * np.pi * 1000 * times), 0.0)


def onsets(path: Path) -> list[float]:
    sound, rate = soundfile.read(path, always_2d=True)
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.15) / rate
    return [
        float(time) for time, gap in zip(loud, np.diff(loud, prepend=-1), strict=True) if gap > 0.2
    ]


def extracted(path: Path) -> Path:
    info = media.probe(path)
    target = path.with_name("sound.wav")
    duration = Fraction(info.frames) / info.fps
    media.extract_sound(path, (target, RATE, 2), start=info.start, duration=duration)
    assert soundfile.info(target).frames == round(duration * RATE)
    return target


@pytest.mark.parametrize("seconds", [3.0, 4.0, 4.4])
def test_sound_is_as_long_as_the_picture_and_in_its_place(
    clip: Callable[..., Path], seconds: float
) -> None:
    path = clip("a.mp4", TIMES, sound=clicks, seconds=seconds)
    found = onsets(extracted(path))
    assert found == pytest.approx([n + 0.5 for n in range(len(found))], abs=0.003)
    assert len(found) == (3 if seconds == 3.0 else 4)
    assert media.probe(path).frames == 100


@pytest.mark.parametrize("lag", [Fraction(1, 5), Fraction(2)])
def test_late_picture_keeps_sound_in_step(clip: Callable[..., Path], lag: Fraction) -> None:
    """A little late: the sound before it is cut; very late: the first picture is held for it."""
    late = [time + lag for time in TIMES]
    path = clip("a.mkv", late, sound=clicks, seconds=float(lag) + 4)
    zero = float(lag) if lag < 1 else 0.0
    assert onsets(extracted(path))[0] == pytest.approx((0.5 - zero) % 1, abs=0.003)


def test_long_sound_holds_the_last_picture(clip: Callable[..., Path]) -> None:
    path = clip("a.mp4", TIMES, sound=clicks, seconds=6.5)
    info = media.probe(path)
    assert info.duration == pytest.approx(6.5, abs=0.06)
    assert len(onsets(extracted(path))) == 6
    assert len(list(media.frames(path, info))) == info.frames


@pytest.mark.parametrize("tail", [0.3, 0.48, 2.2, 70.0])
def test_the_last_picture_is_held_for_a_word_after_it(
    clip: Callable[..., Path], tail: float
) -> None:
    """However little or long after the picture the word ends, and the sound with it."""
    end = 4 + tail

    def word(times: np.ndarray) -> np.ndarray:
        return np.where(times > end - 0.2, 0.1 * np.sin(2 * np.pi * 400 * times), 0.0)

    path = clip("a.mp4", TIMES, sound=word, seconds=end)
    info = media.probe(path)
    assert end <= info.duration < end + 0.1
    sound, rate = soundfile.read(extracted(path), always_2d=True)
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.03) / rate
    assert (loud[0], loud[-1]) == pytest.approx((end - 0.2, end), abs=0.01)


@pytest.mark.parametrize("tail", [0.4, 3.0, 30.0])
def test_silence_after_the_picture_holds_nothing(clip: Callable[..., Path], tail: float) -> None:
    def talk(times: np.ndarray) -> np.ndarray:
        hiss = 3e-4 * np.random.default_rng(1).standard_normal(len(times))
        return hiss + np.where(times < 3.9, 0.1 * np.sin(2 * np.pi * 400 * times), 0.0)

    assert media.probe(clip("a.mp4", TIMES, sound=talk, seconds=4 + tail)).frames == 100


def test_a_word_just_before_a_late_picture_is_heard(clip: Callable[..., Path]) -> None:
    late = [time + Fraction(2, 5) for time in TIMES]
    path = clip("a.mkv", late, sound=lambda times: clicks(times + 0.4), seconds=4.4)
    assert onsets(extracted(path))[0] == pytest.approx(0.1, abs=0.01)
    assert media.probe(path).frames == 110


def test_late_sound_is_preceded_by_silence(clip: Callable[..., Path]) -> None:
    path = clip("a.mkv", TIMES, sound=clicks, seconds=3.0, sound_start=Fraction(3, 4))
    assert onsets(extracted(path))[0] == pytest.approx(1.25, abs=0.003)


def test_levels_survive_mono_and_stereo(tmp_path: Path) -> None:
    tone = 0.9 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, tone], 1), RATE)
    media.extract_sound(tmp_path / "a.wav", (tmp_path / "m.wav", 16000, 1))
    assert np.abs(soundfile.read(tmp_path / "m.wav")[0]).max() == pytest.approx(0.9, abs=0.01)
    media.extract_sound(tmp_path / "m.wav", (tmp_path / "s.wav", RATE, 2))
    assert np.abs(soundfile.read(tmp_path / "s.wav")[0]).max() == pytest.approx(0.9, abs=0.01)


def test_no_sound_is_said(clip: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="no sound"):
        media.extract_sound(clip("a.mp4", TIMES), (Path("never.wav"), RATE, 1))
    assert not Path("never.wav").exists()
