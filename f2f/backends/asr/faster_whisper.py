"""Whisper by CTranslate2: the same weights as openai-whisper, several times faster on a CPU.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022);
word times from cross-attention by dynamic time warping.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Self

from f2f.backends.asr import whisper_models
from f2f.backends.asr.whisper import Whisper
from f2f.config import Config
from f2f.errors import StageError
from f2f.roles import BackendInfo, Samples

SUFFIX = ""
"""The catalogue calls its CTranslate2 folders "whisper-<size>"."""


class FasterWhisper(Whisper):
    """Words with times and confidences; see `f2f.roles.Recogniser`."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="faster-whisper",
        role="asr",
        licence="MIT",
        commercial=True,
        weights=("whisper-base",),
        packages=("faster-whisper", "ctranslate2", "tokenizers", "numpy"),
        note="99 languages",
    )

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """None if package and weights are here, else how to get them."""
        return whisper_models.gap(config, SUFFIX, "faster_whisper", "pip install faster-whisper")

    @classmethod
    def identity(cls, config: Config) -> str:
        """The weights, and the numbers that this machine computes in."""
        return f"{whisper_models.identity(config, SUFFIX)} {_compute_type()}"

    def __enter__(self) -> Self:
        import ctranslate2
        from faster_whisper import WhisperModel

        folder = whisper_models.path_of(self._config, SUFFIX)
        ctranslate2.set_random_seed(whisper_models.SEED)  # read by the model's new threads
        try:
            self._model = WhisperModel(
                str(folder),
                device="cuda" if _has_gpu() else "cpu",
                compute_type=_compute_type(),
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise StageError(f"cannot load the recogniser from {folder}: {error}") from error
        return self

    def _languages(self) -> Collection[str]:
        known: list[str] = self._model.supported_languages
        return known

    def _transcribe(
        self, audio: Samples, prompt: str | None, penalty: float, **options: Any
    ) -> tuple[str, Sequence[dict[str, Any]]]:
        found, info = self._model.transcribe(
            audio, hotwords=prompt, repetition_penalty=penalty, **options
        )
        return info.language, [asdict(item) for item in found]


def _has_gpu() -> bool:
    import ctranslate2

    return bool(ctranslate2.get_cuda_device_count() > 0)


def _compute_type() -> str:
    return "float16" if _has_gpu() else "int8"
