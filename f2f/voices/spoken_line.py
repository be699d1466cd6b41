"""One spoken line: made, checked, made again if it fails, and flagged if it fails still.

Every line is an artefact of its own, so that changing one line speaks one line.  A line is never
replaced by silence: whatever the checks say, the best attempt is kept, with its flags.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from f2f.media.timeline import samples_of
from f2f.roles import Samples, Sound, Synthesiser, Voice
from f2f.text import acronyms, scripts, sentences, speech_rate
from f2f.text.error_rate import cer
from f2f.text.normalisation import spoken

log = logging.getLogger(__name__)

VERSION = 2
"""Raise when the same line would come out differently."""
AUDIO = "speech.wav"

_ATTEMPTS = 3
_QUIET_DB = -45.0
"""Level under the loudest frame below which the ends of a clip are silence."""
_FRAME = 0.01
_KEPT_SILENCE = 0.03
"""Seconds of it that stay on either side."""
_SHORTEST, _LONGEST = 0.4, 2.5
"""Duration over the expected one outside of which a clip is suspicious."""
_LEEWAY = 0.5
"""Seconds by which short texts may differ from what is expected."""

Hear = Callable[[Sound, str], str]
"""A recogniser as a function: sound and language → text."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be said; `text` as a person writes it."""

    text: str
    language: str
    voice: Voice

    @property
    def words(self) -> str:
        """The text as it is read aloud, in letters that the voice reads."""
        return scripts.readable(spoken(self.text, self.language), self.language)


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """The value of a line's artefact; its sound is `AUDIO`, beside it."""

    sample_rate: int
    duration: float
    error_rate: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """Recognise back and compare; `worst` is the highest error rate that passes."""

    hear: Hear
    worst: float


def speakable(text: str) -> bool:
    """False for what has no letter or digit, like '…' or '♪'."""
    return any(letter.isalnum() for letter in text)


def make(
    line: Line,
    synthesiser: Synthesiser,
    folder: Path,
    *,
    reference: Sound | None = None,
    check: Check | None = None,
) -> SpokenLine:
    """Speak a line into `folder / AUDIO`; the best of up to three attempts.

    Raises:
        StageError: the backend cannot speak the text at all.
    """
    best: tuple[Sound, SpokenLine] | None = None
    for sound in _attempts(line, synthesiser, reference):
        judged = _judge(line, sound, check)
        if best is None or _badness(judged) < _badness(best[1]):
            best = sound, judged
        if not judged.flags:
            break
        log.info("spoken again, %s: %r", ", ".join(judged.flags), line.text)
    assert best is not None
    sound, judged = best
    if judged.flags:
        log.warning("kept with %s: %r", ", ".join(judged.flags), line.text)
    soundfile.write(folder / AUDIO, sound.samples, sound.rate, subtype="PCM_16")
    return judged


def trimmed(sound: Sound) -> Sound:
    """Without the silence at both ends, and within full scale."""
    samples = np.nan_to_num(np.asarray(sound.samples, np.float32))
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > 1.0:
        samples = samples / peak
    frame = max(1, samples_of(_FRAME, sound.rate))
    whole = len(samples) // frame
    level = np.sqrt((samples[: whole * frame].reshape(whole, frame) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > level.max(initial=0.0) * 10 ** (_QUIET_DB / 20))
    if len(loud) == 0:
        return Sound(samples, sound.rate)
    kept = samples_of(_KEPT_SILENCE, sound.rate)
    start = max(0, int(loud[0]) * frame - kept)
    return Sound(samples[start : (int(loud[-1]) + 1) * frame + kept], sound.rate)


def _attempts(line: Line, synthesiser: Synthesiser, reference: Sound | None) -> Iterator[Sound]:
    """The line as a whole, then again, then sentence by sentence."""
    text = acronyms.spelt(line.words, line.language)

    def say(part: str) -> Sound:
        return trimmed(synthesiser.speak(part, line.language, line.voice, reference=reference))

    for _ in range(_ATTEMPTS - 1):
        yield say(text)
    pieces = [piece for piece in _clauses(text) if speakable(piece)]
    sounds = [say(piece) for piece in pieces]
    yield Sound(np.concatenate([sound.samples for sound in sounds]), sounds[0].rate)


def _clauses(text: str) -> list[str]:
    whole = sentences.split(text)
    return whole if len(whole) > 1 else re.split(r"(?<=[,;:])\s", text)


def _judge(line: Line, sound: Sound, check: Check | None) -> SpokenLine:
    duration = len(sound.samples) / sound.rate
    flags = list(_length_flags(line, duration, sound.samples))
    error_rate = None
    if check is not None and "silent" not in flags:
        wanted = line.words
        heard = spoken(check.hear(sound, line.language), line.language)
        if _script(heard) == _script(wanted) or not heard:
            error_rate = round(min(1.0, cer(wanted, heard)), 4)
            if error_rate > check.worst:
                flags.append("misheard")
        else:
            flags.append("heard-in-another-script")
    return SpokenLine(sound.rate, duration, error_rate, tuple(flags))


def _length_flags(line: Line, duration: float, samples: Samples) -> Iterator[str]:
    if not np.any(samples):
        yield "silent"
        return
    expected = speech_rate.seconds(line.words, line.language)
    if duration < _SHORTEST * expected - _LEEWAY:
        yield "too-short"
    if duration > _LONGEST * expected + _LEEWAY:
        yield "too-long"


def _badness(made: SpokenLine) -> tuple[int, float]:
    return len(made.flags), made.error_rate or 0.0


def _script(text: str) -> str:
    """The script of most letters, as Unicode names it: LATIN, DEVANAGARI, ARABIC…"""
    names = [unicodedata.name(one, "").partition(" ")[0] for one in text if one.isalpha()]
    return max(set(names), key=names.count, default="")
