"""What both Whisper backends do alike: the options, the refusals, and words in our own types.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any

from f2f.backends.asr import loops, terms, whisper_models
from f2f.config import Config
from f2f.errors import ConfigError, StageError
from f2f.roles import Closing, Samples
from f2f.types import Segment, Span, Transcript, Word


class Whisper(Closing, ABC):
    """Words with times and confidences; see `f2f.roles.Recogniser`.

    A subclass loads `_model` when it is entered, and says what it knows and how it is asked.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._model: Any = None

    def close(self) -> None:
        """Free the memory."""
        self._model = None

    def recognise(self, audio: Samples, language: str | None) -> Transcript:
        """Words of 16 kHz mono `audio`, their texts with the spaces before them.

        Raises:
            ConfigError: the model does not know `language`.
            StageError: the model failed.
        """
        assert self._model is not None, "use the recogniser as a context manager"
        code, known = whisper_models.from_iso(language), self._languages()
        if code is not None and code not in known:
            raise ConfigError(
                f"the recogniser does not know '{language}'; it knows {', '.join(known)}"
            )
        if len(audio) == 0:
            return Transcript(language or "und", ())
        given = self._config.recognition.terms
        heard = self._hear(audio, code, None)
        if not given or not heard.segments:
            return heard
        found = whisper_models.from_iso(heard.language)
        prompted = self._hear(audio, found, terms.prompt(given))
        return terms.taken_over(heard, prompted, given)

    def _hear(self, audio: Samples, code: str | None, prompt: str | None) -> Transcript:
        heard, found = self._ask(audio, prompt, language=code)

        def again(passage: Samples) -> Sequence[dict[str, Any]]:
            return self._ask(passage, prompt, language=heard, penalty=loops.REPETITION_PENALTY)[1]

        found = loops.heard_again(audio, found, again)
        segments = tuple(_segment(number, item) for number, item in enumerate(found))
        return Transcript(whisper_models.to_iso(heard), segments)

    def _ask(
        self, audio: Samples, prompt: str | None, *, language: str | None, penalty: float = 1.0
    ) -> tuple[str, Sequence[dict[str, Any]]]:
        try:
            return self._transcribe(
                audio,
                prompt,
                penalty,
                language=language,
                beam_size=self._config.recognition.beam,
                temperature=whisper_models.TEMPERATURES,
                compression_ratio_threshold=loops.COMPRESSION,
                condition_on_previous_text=False,  # a loop in one window would spread
                word_timestamps=True,
            )
        except (RuntimeError, ValueError) as error:
            raise StageError(f"the recogniser failed: {error}") from error

    @abstractmethod
    def _languages(self) -> Collection[str]:
        """Whisper's codes of what the model knows."""

    @abstractmethod
    def _transcribe(
        self, audio: Samples, prompt: str | None, penalty: float, **options: Any
    ) -> tuple[str, Sequence[dict[str, Any]]]:
        """Whisper's code of the language, and segments with the fields that Whisper gives them.

        Args:
            audio: 16 kHz mono.
            prompt: put before every window, as if it had been said.
            penalty: by which what was once written becomes less likely; 1 leaves it.
            options: of both recognisers, under the same names.
        """


def _segment(number: int, item: dict[str, Any]) -> Segment:
    words = tuple(_word(word) for word in item["words"] or ())
    span = Span(float(item["start"]), float(item["end"]))
    return Segment(number, span, "", item["text"].strip(), words)


def _word(item: dict[str, Any]) -> Word:
    """Times may come as numpy numbers, which are no JSON."""
    span = Span(float(item["start"]), float(item["end"]))
    return Word(item["word"], span, float(item["probability"]))
