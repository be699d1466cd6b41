"""One voice for each speaker: of their gender and near their pitch, and different ones for
different speakers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from f2f.backends import resolve
from f2f.config import Config
from f2f.errors import ConfigError, UnsupportedError
from f2f.roles import Voice
from f2f.types import Speaker, Transcript

_OTHER_GENDER = 10.0
_UNKNOWN_GENDER = 1.0
_REUSED = 4.0
"""Costs beside the pitch's distance in octaves: a voice is reused before the gender is wrong."""
_RANK = 0.01
"""Cost of each place further down the backend's own order, which lists better voices first."""


def cast(transcript: Transcript, config: Config) -> dict[str, Voice]:
    """Speaker → voice of everyone who says something in the transcript.

    Args:
        transcript: who speaks; its language is not looked at.
        config: `languages.target`; the voices in `speech.cast` and `speech.voice` are fixed, but
            for a speaker whose own is settled.

    Raises:
        ConfigError: a fixed voice is not offered.
        UnsupportedError: the backend does not speak the language.
    """
    language, speech = config.languages.target or transcript.language, config.speech
    backend = resolve("speech", speech.backend)
    offered = backend.voices(language, config)
    if not offered:
        raise UnsupportedError(f"{speech.backend} has no voice for '{language}'")
    known = {speaker.id: speaker for speaker in transcript.speakers}
    heard = sorted({segment.speaker for segment in transcript.segments})
    fixed = dict.fromkeys(heard, speech.voice) if speech.voice is not None else speech.cast
    speakers = [known.get(name, Speaker(name)) for name in heard]
    settled = {one.id: one.voice for one in speakers if one.voice is not None}
    return assign(speakers, offered, {**fixed, **settled})


def assign(
    speakers: Sequence[Speaker], voices: Sequence[Voice], fixed: Mapping[str, str]
) -> dict[str, Voice]:
    """Speaker id → voice.

    Args:
        speakers: everyone who says something.
        voices: what the backend offers for the language, best first.
        fixed: speaker id → voice name, decided before (voices.yaml or the option).

    Raises:
        ConfigError: a fixed voice is not offered; the message lists those that are.
    """
    offered = {voice.name: voice for voice in voices}
    chosen = {
        speaker.id: named(fixed[speaker.id], offered) for speaker in speakers if speaker.id in fixed
    }
    free = [speaker for speaker in speakers if speaker.id not in chosen]
    if not free:
        return chosen
    taken = [voice.name for voice in chosen.values()]
    columns = [(voice, turn) for turn in range(len(speakers)) for voice in voices]
    costs = np.array(
        [
            [
                _distance(speaker, voice)
                + _RANK * (number % len(voices))
                + _REUSED * (turn + (voice.name in taken))
                for number, (voice, turn) in enumerate(columns)
            ]
            for speaker in free
        ]
    )  # (speakers, voices · turns)
    rows, picks = linear_sum_assignment(costs)
    for row, pick in zip(rows, picks, strict=True):
        chosen[free[row].id] = columns[pick][0]
    return chosen


def named(name: str, offered: Mapping[str, Voice]) -> Voice:
    """The voice of that name.

    Raises:
        ConfigError: there is none; the message lists the names.
    """
    if name not in offered:
        raise ConfigError(f"there is no voice '{name}' here; choices: {', '.join(offered)}")
    return offered[name]


def _distance(speaker: Speaker, voice: Voice) -> float:
    if "unknown" in (speaker.gender, voice.gender):
        gender = _UNKNOWN_GENDER
    else:
        gender = 0.0 if speaker.gender == voice.gender else _OTHER_GENDER
    if speaker.pitch <= 0 or voice.pitch <= 0:
        return gender
    return gender + abs(math.log2(speaker.pitch / voice.pitch))
