"""espeak-ng, the last resort: robotic, but it speaks about 130 languages.

The library and its data come in `espeakng-loader`'s wheel, so no system package is needed.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import soundfile

from f2f.backends.speech.espeak_process import EspeakProcess
from f2f.config import Config
from f2f.errors import StageError
from f2f.roles import BackendInfo, Closing, Sound, Voice
from f2f.types import Gender

_VARIANTS: dict[str, tuple[Gender, float]] = {"f2": ("female", 180.0), "m3": ("male", 100.0)}
"""espeak-ng's voice variants → gender and median pitch in Hz."""

_CODES = {"en": "en-us", "fr": "fr-fr", "pt": "pt-br", "zh": "cmn", "no": "nb"}
"""Our language codes where espeak-ng's name differs."""

_NOTE = "espeak-ng, robotic: a last resort"


class Espeak(Closing):
    """Formant synthesis, about a hundred times faster than real time."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="espeak",
        role="speech",
        licence="GPL-3",
        commercial=True,
        packages=("espeakng-loader",),
        note="robotic: a last resort for languages without another voice",
    )

    def __init__(self, config: Config) -> None:
        self._process = EspeakProcess()

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """The install line if the wheel is not there."""
        if find_spec("espeakng_loader") is None:
            return "espeakng-loader is not installed: pip install espeakng-loader"
        return None

    @classmethod
    def voices(cls, language: str, config: Config) -> tuple[Voice, ...]:
        """A woman's and a man's variant of the language's rules."""
        code = _CODES.get(language, language)
        if cls.missing(config) is not None or code not in _languages():
            return ()
        return tuple(
            Voice(f"{code}+{variant}", language, gender, pitch, _NOTE)
            for variant, (gender, pitch) in _VARIANTS.items()
        )

    @classmethod
    def identity(cls, config: Config) -> str:
        """The wheel's version."""
        return f"espeakng-loader {version('espeakng-loader')}"

    def speak(
        self, text: str, language: str, voice: Voice, *, reference: Sound | None = None
    ) -> Sound:
        """Speech at 22.05 kHz.

        Raises:
            StageError: espeak-ng failed, or made no sound.
        """
        wav = io.BytesIO(self._process.speak(text, voice.name))
        samples, rate = soundfile.read(wav, dtype="float32")
        if not samples.any():
            raise StageError(f"espeak-ng finds nothing to speak in {text!r}")
        return Sound(samples, rate)

    def close(self) -> None:
        """End espeak-ng's process."""
        self._process.close()


@cache
def _languages() -> frozenset[str]:
    """Languages of the data folder, read without importing the package."""
    package = find_spec("espeakng_loader")
    assert package is not None and package.origin is not None
    files = (Path(package.origin).parent / "espeak-ng-data" / "lang").rglob("*")
    return frozenset(
        line.split()[1].lower()
        for file in files
        if file.is_file()
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.startswith("language ") and len(line.split()) > 1
    )
