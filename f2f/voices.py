"""One voice for each speaker: of their gender and near their pitch, and different ones for
different speakers.

`voices.yaml` keeps a series consistent; names are those of the transcript:

    hi:
      Anna: hf_alpha
      S2: hm_omega
"""

from __future__ import annotations

import logging
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml
from scipy.optimize import linear_sum_assignment

from f2f.backends import Voice
from f2f.errors import ConfigError, InputError
from f2f.types import Speaker

log = logging.getLogger(__name__)

CLONE = "clone"
"""The voice that copies the source's speaker, for backends that can."""

_OTHER_GENDER = 10.0
_UNKNOWN_GENDER = 1.0
_REUSED = 4.0
"""Costs beside the pitch's distance in octaves: a voice is reused before the gender is wrong."""
_RANK = 0.01
"""Cost of each place further down the backend's own order, which lists better voices first."""


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


def read(path: Path | None, language: str) -> dict[str, str]:
    """Speaker → voice name of one language; empty if there is no file yet.

    Raises:
        InputError: the file cannot be read or is not languages → speakers → voices.
    """
    if path is None or not path.exists():
        return {}
    table = _tables(path).get(language) or {}
    return {str(speaker): str(voice) for speaker, voice in table.items()}


def remember(path: Path, language: str, chosen: Mapping[str, Voice]) -> None:
    """Add speakers to the file; what it already says stays.

    Raises:
        InputError: the file cannot be read or written.
    """
    tables = _tables(path) if path.exists() else {}
    known = tables.setdefault(language, {})
    new = {speaker: voice.name for speaker, voice in chosen.items() if speaker not in known}
    if not new:
        return
    known.update(new)
    text = yaml.safe_dump(tables, allow_unicode=True, sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".voices-", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    log.info("%s now names %s", path, ", ".join(f"{key}: {name}" for key, name in new.items()))


def _distance(speaker: Speaker, voice: Voice) -> float:
    if "unknown" in (speaker.gender, voice.gender):
        gender = _UNKNOWN_GENDER
    else:
        gender = 0.0 if speaker.gender == voice.gender else _OTHER_GENDER
    if speaker.pitch <= 0 or voice.pitch <= 0:
        return gender
    return gender + abs(math.log2(speaker.pitch / voice.pitch))


def _tables(path: Path) -> dict[str, dict[str, str]]:
    try:
        tables = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot read the voices {path}: {error}") from error
    if not isinstance(tables, dict) or not all(
        isinstance(table, dict) for table in tables.values()
    ):
        raise InputError(
            f"{path.name}: voices are languages → speakers → voices, see f2f languages"
        )
    return tables
