"""Roles and their backends.

A role is a `Protocol` with one method and a context manager that frees memory.  `resolve` looks
in a table of lazy "module:Class" strings, then in entry points.  Every backend class carries an
`info: ClassVar[BackendInfo]` and a `missing()` class method, so that it can be listed and judged
without being loaded.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Literal, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from f2f.config import Config
from f2f.errors import ConfigError
from f2f.types import Box, Gender, Segment, Speaker, Transcript

Role = Literal["asr", "diarisation", "translation", "speech", "separation", "detection"]
Samples = npt.NDArray[np.float32]
"""Mono sound, (samples,), in -1..1."""
Frame = npt.NDArray[np.uint8]
"""One picture, (height, width, 3), BGR."""

SPEECH_RATE = 16_000
"""Sampling rate in Hz of all sound that recognisers and diarisers get."""

BUILT_IN: dict[Role, dict[str, str]] = {
    "asr": {
        "faster-whisper": "f2f.backends.asr.faster_whisper:FasterWhisper",
        "openai-whisper": "f2f.backends.asr.openai_whisper:OpenAIWhisper",
    },
    "diarisation": {
        "wespeaker": "f2f.backends.diarisation.wespeaker:Wespeaker",
        "single": "f2f.backends.diarisation.single:Single",
    },
    "translation": {
        "compact": "f2f.backends.translation.compact:Compact",
        "transformers": "f2f.backends.translation.transformers:Transformers",
    },
    "speech": {
        "kokoro": "f2f.backends.speech.kokoro:Kokoro",
        "coqui": "f2f.backends.speech.coqui:Coqui",
        "espeak": "f2f.backends.speech.espeak:Espeak",
    },
    "separation": {"spleeter": "f2f.backends.separation.spleeter:Spleeter"},
    "detection": {"yunet": "f2f.backends.detection.yunet:YuNet"},
}
"""In the order in which `auto` tries them."""


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What a person must know before choosing a backend."""

    name: str
    role: Role
    licence: str
    commercial: bool
    weights: tuple[str, ...] = ()
    """Names in `f2f.weights` of the files that it needs."""
    extra: str | None = None
    """Our extra that installs its package, as in `pip install 'face-to-face[coqui]'`."""
    note: str = ""


class Backend(Protocol):
    """What all roles share."""

    info: ClassVar[BackendInfo]

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """One sentence saying what is not installed or downloaded, and how to get it; else None."""

    def __enter__(self) -> Any: ...

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
    def identity(cls, config: Config) -> str:
        """Name and state of the weights: it changes when the same text may become another."""

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

    @classmethod
    def identity(cls, config: Config) -> str:
        """Name and state of the weights: it changes when the same text would sound different."""

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


def names(role: Role) -> tuple[str, ...]:
    """All backends of a role: built in first, then from entry points `f2f.<role>`."""
    plugins = (point.name for point in entry_points(group=f"f2f.{role}"))
    return (*BUILT_IN[role], *sorted(set(plugins) - set(BUILT_IN[role])))


def resolve(role: Role, name: str) -> Any:
    """The backend class of that name; its heavy imports wait until it is instantiated.

    Raises:
        ConfigError: no backend of the role has that name; the message lists them.
    """
    target = BUILT_IN[role].get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        return getattr(importlib.import_module(module), attribute)
    for point in entry_points(group=f"f2f.{role}"):
        if point.name == name:
            return point.load()
    raise ConfigError(f"no {role} backend is called '{name}'; choices: {', '.join(names(role))}")
