"""Recordings of any length in bounded memory: on the disk as one array, in pieces cut in pauses."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from f2f.errors import InputError
from f2f.listening.activity import speech_spans
from f2f.media.timeline import samples_of
from f2f.roles import SPEECH_RATE, Samples
from f2f.types import Span

log = logging.getLogger(__name__)

BLOCK = 1 << 20
"""Samples read at once."""
CUT_ZONE = 1 / 3
"""A piece is cut in the longest pause of its last third."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the recording and where somebody speaks in it, both on the recording's clock."""

    span: Span
    speech: tuple[Span, ...]


@contextmanager
def sound_of(path: Path) -> Iterator[Samples]:
    """A mono 16 kHz file as one array (samples,), mapped from a temporary file.

    Raises:
        InputError: the file cannot be read or has another rate or more channels.
    """
    with tempfile.TemporaryFile(prefix="f2f-sound-") as raw:
        try:
            with soundfile.SoundFile(path) as file:
                if (file.samplerate, file.channels) != (SPEECH_RATE, 1):
                    raise InputError(f"{path.name} must be mono at {SPEECH_RATE} Hz")
                for block in file.blocks(blocksize=BLOCK, dtype="float32"):
                    raw.write(block.tobytes())
        except soundfile.LibsndfileError as error:
            raise InputError(f"cannot read {path.name}: {error}") from error
        raw.flush()
        if raw.tell() == 0:
            yield np.zeros(0, np.float32)
        else:
            yield np.memmap(raw, dtype=np.float32, mode="r")


def pieces(sound: Samples, seconds: float) -> Iterator[Piece]:
    """Consecutive pieces of at most `seconds` that cover the whole recording.

    Args:
        sound: (samples,) at 16 kHz.
        seconds: the longest piece.
    """
    duration = len(sound) / SPEECH_RATE
    start = 0.0
    while start < duration:
        window = sound[samples_of(start, SPEECH_RATE) : samples_of(start + seconds, SPEECH_RATE)]
        speech = tuple(Span(span.start + start, span.end + start) for span in speech_spans(window))
        end = min(start + seconds, duration)
        if end < duration:
            end = _cut(speech, Span(end - seconds * CUT_ZONE, end))
        inside = tuple(Span(span.start, min(span.end, end)) for span in speech if span.start < end)
        yield Piece(Span(start, end), inside)
        start = end


def _cut(speech: tuple[Span, ...], zone: Span) -> float:
    """The middle of the longest pause in `zone`, its end if somebody speaks all through."""
    inside = [span for span in speech if span.end > zone.start]
    edges = [zone.start, *(edge for span in inside for edge in (span.start, span.end)), zone.end]
    if not inside:
        return zone.end
    pauses = [Span(before, after) for before, after in list(pairwise(edges))[::2]]
    longest = max(pauses, key=lambda pause: pause.duration)
    if longest.duration <= 0:
        log.warning("no pause from %.0f s to %.0f s: cut in speech", zone.start, zone.end)
        return zone.end
    return (longest.start + longest.end) / 2
