"""Where somebody speaks, and a gate that lets a recogniser hear only that.

Recognisers imagine words in silence and music.  The gate joins the spoken stretches, so that the
recogniser never gets the rest (and works less), and afterwards puts the words back on the clock.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from f2f.media.timeline import samples_of
from f2f.roles import SPEECH_RATE, Samples
from f2f.types import Span, Word

SHORTEST_PAUSE = 0.2
"""Seconds; a shorter silence is part of speech (the closure of a plosive takes 0.1)."""
SHORTEST_SPEECH = 0.1
"""Seconds; anything shorter is a click."""
MARGIN = 0.3
"""Seconds kept on both sides of speech: soft onsets and endings."""
JOINED_PAUSE = 1.0
"""Seconds; a pause up to this long stays in the sound, as the recogniser reads rhythm from it."""
WORD_MARGIN = 0.1
"""Seconds that a word may begin before or end after the detected speech."""
SHORTEST_WORD = 0.02
"""Seconds; recognisers give words of no length."""


def speech_spans(audio: Samples) -> tuple[Span, ...]:
    """Stretches of `audio` (16 kHz) in which somebody speaks, by Silero's detector."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # carries the detector

    if len(audio) == 0:
        return ()
    options = VadOptions(
        min_speech_duration_ms=round(SHORTEST_SPEECH * 1000),
        min_silence_duration_ms=round(SHORTEST_PAUSE * 1000),
        speech_pad_ms=0,
    )
    found = get_speech_timestamps(np.asarray(audio), options, SPEECH_RATE)
    return tuple(Span(item["start"] / SPEECH_RATE, item["end"] / SPEECH_RATE) for item in found)


@dataclass(frozen=True, slots=True)
class Gate:
    """The stretches that pass, in order and apart from each other."""

    spans: tuple[Span, ...]

    @classmethod
    def around(cls, speech: Iterable[Span], limits: Span) -> Gate:
        """The gate that passes `speech` with margins and short pauses, within `limits`."""
        passed: list[Span] = []
        for span in speech:
            wide = _within(Span(span.start - MARGIN, span.end + MARGIN), limits)
            if passed and wide.start - passed[-1].end < JOINED_PAUSE:
                passed[-1] = Span(passed[-1].start, wide.end)
            else:
                passed.append(wide)
        return cls(tuple(passed))

    def apply(self, audio: Samples) -> Samples:
        """The stretches of `audio` (16 kHz), joined."""
        parts = [
            audio[samples_of(span.start, SPEECH_RATE) : samples_of(span.end, SPEECH_RATE)]
            for span in self.spans
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def restore(self, words: Iterable[Word]) -> tuple[Word, ...]:
        """Words timed in the joined sound, timed in the original.

        A word that would lie across a joint is kept within the stretch that holds its middle.
        """
        joints = [0.0, *accumulate(span.duration for span in self.spans)]
        restored = []
        for word in words:
            middle = (word.span.start + word.span.end) / 2
            index = min(max(bisect_right(joints, middle) - 1, 0), len(self.spans) - 1)
            stretch = self.spans[index]
            shift = stretch.start - joints[index]
            span = _within(Span(word.span.start + shift, word.span.end + shift), stretch)
            restored.append(replace(word, span=span))
        return tuple(restored)


def tighten(
    words: Iterable[Word], speech: tuple[Span, ...], *, end: float = math.inf
) -> tuple[Word, ...]:
    """Words that no longer reach into pauses, and that follow one another up to `end` seconds.

    A recogniser often lets the first word after a pause begin in it.  Each word is held to the
    stretch of speech that it shares most time with; one that shares none is left as it is.
    """
    tightened: list[Word] = []
    clock = 0.0
    starts = [span.start for span in speech]
    for word in words:
        near = speech[max(0, bisect_right(starts, word.span.start) - 1) :]
        near = tuple(span for span in near[:8] if span.overlap(word.span) > 0)
        span = word.span
        if near:
            best = max(near, key=lambda stretch: stretch.overlap(word.span))
            span = _within(span, Span(best.start - WORD_MARGIN, best.end + WORD_MARGIN))
        start = max(span.start, clock)
        clock = max(span.end, start + SHORTEST_WORD)
        tightened.append(replace(word, span=Span(start, clock)))
    return _ended(tightened, end)


def _ended(words: Sequence[Word], end: float) -> tuple[Word, ...]:
    """The last words moved forward, and kept in order, so that none ends after `end`."""
    ended: list[Word] = []
    for word in reversed(words):
        if word.span.end <= end:
            break
        start = max(0.0, min(word.span.start, end - SHORTEST_WORD))
        ended.append(replace(word, span=Span(start, max(start, end))))
        end = start
    return (*words[: len(words) - len(ended)], *reversed(ended))


def _within(span: Span, limits: Span) -> Span:
    start = min(max(span.start, limits.start), limits.end)
    return Span(start, min(max(span.end, start), limits.end))
