"""A synthesiser for tests of the stage: a tone as long as the text, at the voice's pitch."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from f2f.config import Config
from f2f.roles import BackendInfo, Sound, Voice

RATE = 16_000


class FakeVoice:
    info: ClassVar[BackendInfo] = BackendInfo("fake", "speech", "MIT", commercial=True)
    spoken: ClassVar[list[str]] = []

    def __init__(self, config: Config) -> None:
        pass

    @classmethod
    def missing(cls, config: Config) -> str | None:
        return None

    @classmethod
    def voices(cls, language: str, config: Config) -> tuple[Voice, ...]:
        return (
            Voice("low", language, "male", 100.0),
            Voice("high", language, "female", 200.0),
            Voice("clone", language, "unknown"),
        )

    @classmethod
    def identity(cls, config: Config) -> str:
        return "1"

    def __enter__(self) -> FakeVoice:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def speak(
        self, text: str, language: str, voice: Voice, *, reference: Sound | None = None
    ) -> Sound:
        self.spoken.append(text)
        times: Any = np.arange(round(len(text) / 16 * RATE)) / RATE
        level = 0.5 if reference is None else float(np.abs(reference.samples).max())
        tone = level * np.sin(2 * np.pi * (voice.pitch or 150.0) * times)
        return Sound(tone.astype(np.float32), RATE)


class FakeEars:
    """A recogniser that says how it is, and hears nothing."""

    info: ClassVar[BackendInfo] = BackendInfo("fake", "asr", "MIT", commercial=True)
    state: ClassVar[str] = "1"

    @classmethod
    def missing(cls, config: Config) -> str | None:
        return None

    @classmethod
    def identity(cls, config: Config) -> str:
        return cls.state
