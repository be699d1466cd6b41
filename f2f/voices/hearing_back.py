"""Clips heard back: which recogniser does it, and what its answers depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import resample_poly

from f2f.backends import names, resolve
from f2f.config import Config
from f2f.errors import MissingError
from f2f.roles import SPEECH_RATE, Recogniser, Samples, Sound
from f2f.voices.spoken_line import Hear


def recogniser(config: Config) -> type[Recogniser]:
    """The configured recogniser, or the first that is ready where a transcript was given.

    Raises:
        MissingError: none is ready.
    """
    wanted = config.recognition.backend
    gaps = []
    for name in (wanted,) if wanted in names("asr") else names("asr"):
        backend = resolve("asr", name)
        gap = backend.missing(config)
        if gap is None:
            return backend
        gaps.append(f"{name}: {gap}")
    raise MissingError(f"clips cannot be checked by recognition; {'; '.join(gaps)}")


def settings(config: Config) -> Any:
    """What decides whether a clip passes; None where nothing is heard back."""
    if not config.speech.check:
        return None
    backend, asked = recogniser(config), config.recognition
    heard_by = (backend.info.name, backend.identity(config), asked.beam, asked.terms)
    return config.speech.max_error_rate, *heard_by


def hearing(opened: Recogniser) -> Hear:
    """The recogniser as a function of sound and language."""

    def hear(sound: Sound, language: str) -> str:
        heard = opened.recognise(_resampled(sound), language)
        return " ".join(segment.text for segment in heard.segments)

    return hear


def _resampled(sound: Sound) -> Samples:
    step = np.gcd(sound.rate, SPEECH_RATE)
    samples = resample_poly(sound.samples, SPEECH_RATE // step, sound.rate // step)
    return samples.astype(np.float32)  # type: ignore[no-any-return]  # scipy publishes no types
