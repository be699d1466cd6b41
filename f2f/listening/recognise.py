"""A whole recording through a recogniser, piece by piece."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from f2f.listening.activity import Gate, tighten
from f2f.listening.recording import Piece, pieces
from f2f.roles import SPEECH_RATE, Recogniser, Samples
from f2f.types import Word

log = logging.getLogger(__name__)

Advance = Callable[[float, float], None]
"""Told how many of how many seconds have been heard."""

SILENCE = "und"
"""ISO 639-3 for "undetermined": the language of a recording in which nobody speaks."""


@dataclass(frozen=True, slots=True)
class Heard:
    """All words of a recording; their texts joined give the text, spaces included."""

    language: str
    words: tuple[Word, ...]


def listen(
    sound: Samples,
    recogniser: Recogniser,
    *,
    language: str | None,
    piece_seconds: float,
    gated: bool,
    advance: Advance,
) -> Heard:
    """Every word of `sound` (16 kHz) with its time.

    Args:
        sound: the recording.
        recogniser: an open recogniser.
        language: what is spoken; None detects it in the first piece with speech.
        piece_seconds: the most that is recognised at once.
        gated: keep silence and music from the recogniser.
        advance: told of the progress.

    Returns:
        The words, none if nobody speaks; the language is then the given one or "und".
    """
    words: list[Word] = []
    for piece in pieces(sound, piece_seconds):
        language, found = _hear(sound, piece, recogniser, language, gated=gated)
        words.extend(found)
        advance(piece.span.end, len(sound) / SPEECH_RATE)
    if not words:
        log.warning("nobody speaks in this recording: the transcript is empty")
    return Heard(language or SILENCE, tighten(words, (), end=len(sound) / SPEECH_RATE))


def _hear(
    sound: Samples, piece: Piece, recogniser: Recogniser, language: str | None, *, gated: bool
) -> tuple[str | None, tuple[Word, ...]]:
    gate = Gate.around(piece.speech, piece.span) if gated else Gate((piece.span,))
    if not gate.spans:
        return language, ()
    heard = recogniser.recognise(gate.apply(sound), language)
    words = [word for segment in heard.segments for word in segment.words]
    if not words:
        return language, ()
    return heard.language, tighten(gate.restore(words), piece.speech, end=piece.span.end)
