"""Roles: what a backend of each kind does, and the values that it takes and gives.

A role is a `Protocol` with one method and a context manager that frees memory.  Every backend
class carries an `info: ClassVar[BackendInfo]` and a `missing()` class method, so that it can be
listed and judged without being loaded.  `f2f.backends` finds the classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Literal, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from f2f.config import Config
from f2f.types import Box, Gender, Segment, Speaker, Transcript

Role = Literal["asr", "diarisation", "translation", "speech", "separation", "detection"]
Samples = npt.NDArray[np.float32]
"""Mono sound, (samples,), in -1..1."""
Frame = npt.NDArray[np.uint8]
"""One picture, (height, width, 3), BGR."""

SPEECH_RATE = 16_000
"""Sampling rate in Hz of all sound that recognisers and diarisers get."""


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What a person must know before choosing a backend."""

    name: str
    role: Role
    licence: str
    commercial: bool
    weights: tuple[str, ...] = ()
    """Names in `f2f.weights` of the files that it needs."""
    packages: tuple[str, ...] = ()
    """Distributions whose numbers or choices are in its results."""
    extra: str | None = None
    """Our extra that installs its package, as in `pip install 'face-to-face[coqui]'`."""
    note: str = ""


class Backend(Protocol):
    """What all roles share."""

    info: ClassVar[BackendInfo]

    def __init__(self, config: Config) -> None:
        """Load what `config` asks for.

        Raises:
            MissingError: a package or a weights file is not here.
        """

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """One sentence saying what is not installed or downloaded, and how to get it; else None."""

    @classmethod
    def identity(cls, config: Config) -> str:
        """Name and state of the weights, and what else this machine decides: it changes when the
        same input may give another result.  It is part of the store's keys."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class Closing:
    """A context manager that ends with `close`: the base of the backends of this package."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the memory; where there is none to free, nothing."""


@runtime_checkable
class Recogniser(Backend, Protocol):
    """Speech to words with times."""

    def recognise(self, audio: Samples, language: str | None) -> Transcript:
        """Words of 16 kHz mono `audio`; `language` None detects it."""


@runtime_checkable
class Diariser(Backend, Protocol):
    """Who speaks each segment."""

    def diarise(
        self, audio: Samples, segments: Sequence[Segment]
    ) -> tuple[tuple[Segment, ...], tuple[Speaker, ...]]:
        """The segments with speakers set, and the speakers with gender and pitch."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One segment's text to translate; `max_chars` is a wish, not a limit."""

    text: str
    max_chars: int | None = None


@runtime_checkable
class Translator(Backend, Protocol):
    """Text to text; keeps number and order of the sentences."""

    def translate(self, sentences: Sequence[Sentence], source: str, target: str) -> list[str]:
        """One translation a sentence; the sequence itself is the context."""

    @classmethod
    def serves(cls, source: str, target: str, config: Config) -> bool:
        """True if this pair can be translated with `config` (installed or not)."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of a synthesiser; `pitch` is its median in Hz, 0 if unknown."""

    name: str
    language: str
    gender: Gender
    pitch: float = 0.0
    experimental: str = ""
    """Empty, or why this voice is second best for the language, with its measured error rate."""


CLONE = "clone"
"""Name of the voice that copies the source's speaker, for backends that can."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono samples and their rate."""

    samples: Samples
    rate: int


@runtime_checkable
class Synthesiser(Backend, Protocol):
    """Text to speech."""

    @classmethod
    def voices(cls, language: str, config: Config) -> tuple[Voice, ...]:
        """Voices that speak `language`, best first; empty when it does not."""

    def speak(
        self, text: str, language: str, voice: Voice, *, reference: Sound | None = None
    ) -> Sound:
        """Speech; `reference` is the source speaker's voice for backends that clone."""


@runtime_checkable
class Separator(Backend, Protocol):
    """A soundtrack without its voices."""

    def background(self, source: Path, target: Path) -> None:
        """Write what is not a voice in a stereo sound file, sample for sample as long."""


@dataclass(frozen=True, slots=True)
class Face:
    """A detection; `landmarks` are right eye, left eye, nose, right and left mouth corner."""

    box: Box
    score: float
    landmarks: tuple[tuple[float, float], ...]


@runtime_checkable
class FaceDetector(Backend, Protocol):
    """Faces of one picture."""

    def detect(self, frame: Frame) -> list[Face]:
        """Faces in pixels of `frame`, best first."""
