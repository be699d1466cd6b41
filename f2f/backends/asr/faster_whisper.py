"""Whisper by CTranslate2: the same weights as openai-whisper, several times faster on a CPU.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022);
word times from cross-attention by dynamic time warping.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, ClassVar, Self

from f2f.backends import BackendInfo, Samples
from f2f.backends.asr import whisper_models
from f2f.config import Config
from f2f.errors import ConfigError, StageError
from f2f.types import Segment, Span, Transcript, Word

SUFFIX = ""
"""The catalogue calls its CTranslate2 folders "whisper-<size>"."""


class FasterWhisper:
    """Words with times and confidences; see `f2f.backends.Recogniser`."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="faster-whisper",
        role="asr",
        licence="MIT",
        commercial=True,
        weights=("whisper-base",),
        note="99 languages",
    )

    def __init__(self, config: Config) -> None:
        self._config = config
        self._model: Any = None

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """None if package and weights are here, else how to get them."""
        return whisper_models.gap(config, SUFFIX, "faster_whisper", "pip install faster-whisper")

    def __enter__(self) -> Self:
        import ctranslate2
        from faster_whisper import WhisperModel

        folder = whisper_models.path_of(self._config, SUFFIX)
        ctranslate2.set_random_seed(whisper_models.SEED)  # read by the model's new threads
        gpu = ctranslate2.get_cuda_device_count() > 0
        try:
            self._model = WhisperModel(
                str(folder),
                device="cuda" if gpu else "cpu",
                compute_type="float16" if gpu else "int8",
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise StageError(f"cannot load the recogniser from {folder}: {error}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._model = None

    def recognise(self, audio: Samples, language: str | None) -> Transcript:
        """Words of 16 kHz mono `audio`, their texts with the spaces before them.

        Raises:
            ConfigError: the model does not know `language`.
            StageError: the model failed.
        """
        assert self._model is not None, "use the recogniser as a context manager"
        code = whisper_models.from_iso(language)
        if code is not None and code not in self._model.supported_languages:
            known = ", ".join(self._model.supported_languages)
            raise ConfigError(f"the recogniser does not know '{language}'; it knows {known}")
        if len(audio) == 0:
            return Transcript(language or "und", ())
        try:
            found, told = self._model.transcribe(
                audio,
                language=code,
                beam_size=self._config.recognition.beam,
                temperature=whisper_models.TEMPERATURES,
                condition_on_previous_text=False,  # a loop in one window would spread
                word_timestamps=True,
            )
            segments = tuple(_segment(number, item) for number, item in enumerate(found))
        except (RuntimeError, ValueError) as error:
            raise StageError(f"the recogniser failed: {error}") from error
        return Transcript(whisper_models.to_iso(told.language), segments)


def _segment(number: int, item: Any) -> Segment:
    words = tuple(
        Word(word.word, Span(float(word.start), float(word.end)), float(word.probability))
        for word in item.words or ()
    )
    return Segment(number, Span(float(item.start), float(item.end)), "", item.text.strip(), words)
