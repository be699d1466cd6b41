"""The new speech over what is kept of the source's sound, at a stated loudness.

Speech is brought to the target loudness, the source's sound likewise and then turned down
smoothly while somebody speaks, in the source or in the dub; the sum is brought to the target
exactly and held under the true-peak ceiling.  Everything is read and written in blocks.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import soundfile

from f2f.config import Soundtrack
from f2f.errors import StageError
from f2f.media import SOUND_RATE
from f2f.soundtrack.limiter import limited
from f2f.soundtrack.loudness import (
    BLOCK_SECONDS,
    Block,
    Loudness,
    amplitude,
    blocks,
    decibels,
    integrated,
    measure,
)
from f2f.types import Span

log = logging.getLogger(__name__)

Background = Literal["none", "duck", "separate"]

FADE_DOWN = 0.15
"""Seconds in which the background goes down, ending as speech begins."""
FADE_UP = 0.4
"""Seconds in which it comes back after the speech."""
BRIDGE = 1.5
"""Pauses of at most this many seconds between two fades stay ducked: no pumping."""
DEFAULT_LOUDNESS = -16.0
"""LUFS, where the source's loudness is asked for but it has none."""
MOST_GAIN = 30.0
"""dB by which sound is raised at most: near-silence is not blown up into noise."""
MOST_BACKGROUND_GAIN = 12.0
"""The same for the source's sound, whose noise would be heard between the sentences."""
GATED = 0.4
"""Seconds; shorter sound has no loudness by BS.1770."""
QUIETEST = -70.0
"""dB; shorter sound of less power is silence."""
_LOUDNESS_ERROR = 0.1
_ROUNDS = 4
_PEAK_MARGIN = 0.1
"""dB under the ceiling, for what rounding to 16 bits and the lossy codec's decoder add."""


@dataclass(frozen=True, slots=True)
class Mix:
    """The finished sound: `audio` is a stereo file in the same artefact."""

    audio: str
    background: Background
    """What was really used: "none" where the source has no sound."""
    loudness: float | None
    """Integrated loudness in LUFS, measured on the result; None if silent or under 0.4 s."""
    true_peak: float
    """dBTP, measured on the result."""
    source_loudness: float | None
    """LUFS of the source's sound; None without sound or if it is silent."""
    samples: int


def blend(
    speech: Path,
    background: Path | None,
    target: Path,
    *,
    samples: int,
    spoken: Sequence[Span],
    options: Soundtrack,
    reference: Path | None,
) -> Mix:
    """Write the sound to deliver.

    Args:
        speech: the dubbed speech, 48 kHz, mono.
        background: 48 kHz stereo, kept under the speech; None for speech alone.
        target: WAV file to write, 48 kHz stereo, 16 bits.
        samples: its exact length.
        spoken: when somebody speaks; there the background is ducked (not if it was separated).
        options: loudness, peak, depth.
        reference: the source's sound, for loudness "source"; None if there is none.
    """
    of_source = _level(reference) if reference else None
    wanted = _wanted(options.loudness, of_source)
    speech_gain = _gain(_level(speech), wanted, MOST_GAIN)
    background_gain = _gain(of_source, wanted, MOST_BACKGROUND_GAIN) if background else 0.0
    kept: Background = "separate" if options.background == "separate" else "duck"
    envelope = ducking(spoken, options.duck_db) if kept == "duck" else _unity
    raw = target.with_name("unlimited.wav")
    with soundfile.SoundFile(raw, "w", SOUND_RATE, 2, "FLOAT") as file:
        for start, (voice, rest) in _together(speech, background, samples):
            times = np.arange(start, start + len(voice)) / SOUND_RATE
            level = envelope(times)[:, None] * background_gain
            file.write((voice * speech_gain + rest * level).astype(np.float32))
    result = _finish(raw, target, wanted, options.true_peak)
    raw.unlink()
    return Mix(
        audio=target.name,
        background="none" if background is None else kept,
        loudness=result.integrated,
        true_peak=result.true_peak,
        source_loudness=of_source,
        samples=samples,
    )


def ducking(
    spoken: Sequence[Span], depth: float
) -> Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]:
    """Gain of the background over time: 1 in pauses, `depth` dB during speech, smooth between."""
    joined: list[list[float]] = []
    for span in sorted(spoken, key=lambda one: one.start):
        if joined and span.start - FADE_DOWN <= joined[-1][1] + FADE_UP + BRIDGE:
            joined[-1][1] = max(joined[-1][1], span.end)
        else:
            joined.append([span.start, span.end])
    times = [
        time
        for start, end in joined
        for time in (start - FADE_DOWN, start, max(start, end), max(start, end) + FADE_UP)
    ]
    depths = [0.0, 1.0, 1.0, 0.0] * len(joined)

    def gain(at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if not times:
            return np.ones_like(at)
        linear = np.interp(at, times, depths)
        smooth = linear * linear * (3 - 2 * linear)
        curve: npt.NDArray[np.float64] = 10 ** (depth * smooth / 20)
        return curve

    return gain


def _unity(at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.ones_like(at)


def _wanted(asked: float | Literal["source"], of_source: float | None) -> float:
    if asked != "source":
        return asked
    if of_source is None:
        log.warning("the source has no loudness of its own; %g LUFS is used", DEFAULT_LOUDNESS)
        return DEFAULT_LOUDNESS
    return of_source


def _level(path: Path) -> float | None:
    """Loudness in LUFS; of sound too short to have one, its power in dB; None for silence."""
    loudness = integrated(path)
    with soundfile.SoundFile(path) as file:
        if loudness is not None or file.frames >= GATED * file.samplerate:
            return loudness
        power = float(np.square(file.read()).sum()) / max(1, file.frames)
    level = decibels(math.sqrt(power))
    return level if level > QUIETEST else None


def _gain(loudness: float | None, wanted: float, most: float) -> float:
    return 0.0 if loudness is None else amplitude(min(wanted - loudness, most))


def _together(
    speech: Path, background: Path | None, samples: int
) -> Iterator[tuple[int, tuple[Block, Block]]]:
    """Start and stereo blocks of both files, padded or cut to `samples`."""
    step = BLOCK_SECONDS * SOUND_RATE
    for start in range(0, samples, step):
        count = min(step, samples - start)
        rest = np.zeros((count, 2), np.float32)
        yield (
            start,
            (
                _read(speech, start, count),
                _read(background, start, count) if background else rest,
            ),
        )


def _read(path: Path, start: int, count: int) -> Block:
    """`count` stereo samples from `start`; silence after the end."""
    block = np.zeros((count, 2), np.float32)
    with soundfile.SoundFile(path) as file:
        if file.samplerate != SOUND_RATE:  # a separator from outside may write what it likes
            raise StageError(f"{path.name} is at {file.samplerate} Hz, not at {SOUND_RATE}")
        if start < file.frames:
            file.seek(start)
            read = file.read(count, dtype="float32", always_2d=True)
            block[: len(read)] = read
    return block


def _finish(raw: Path, target: Path, wanted: float, true_peak: float) -> Loudness:
    """Bring the sum to the wanted loudness under the ceiling; limiting takes some, so repeat.

    The ceiling never yields: where limiting alone does not keep it, all is turned down.
    """
    first = _level(raw)
    gain = 0.0 if first is None else min(wanted - first, MOST_GAIN)
    ceiling = true_peak - _PEAK_MARGIN
    for _ in range(_ROUNDS):
        with (
            soundfile.SoundFile(raw) as source,
            soundfile.SoundFile(target, "w", SOUND_RATE, 2, "PCM_16") as file,
        ):
            for block in limited(source, amplitude(gain), amplitude(ceiling)):
                file.write(block)
        result = measure(target)
        over = max(0.0, result.true_peak - true_peak)
        short = 0.0 if result.integrated is None else wanted - result.integrated
        if not over and abs(short) <= _LOUDNESS_ERROR:
            break
        ceiling -= over
        gain = min(gain + short, MOST_GAIN)
    if over:
        log.warning("the sound is turned down by %.2f dB to keep its peaks", over + _PEAK_MARGIN)
        _turn_down(target, over + _PEAK_MARGIN)
        result = measure(target)
    if result.integrated is not None and abs(wanted - result.integrated) > _LOUDNESS_ERROR:
        log.warning("loudness is %.1f LUFS, not the %.1f asked for", result.integrated, wanted)
    return result


def _turn_down(target: Path, decibel: float) -> None:
    louder = target.with_name("louder.wav")
    target.rename(louder)
    with (
        soundfile.SoundFile(louder) as source,
        soundfile.SoundFile(target, "w", SOUND_RATE, 2, "PCM_16") as file,
    ):
        for block in blocks(source):
            file.write(block * np.float32(amplitude(-decibel)))
    louder.unlink()
