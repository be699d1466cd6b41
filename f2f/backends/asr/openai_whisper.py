"""Whisper by its publisher's own code, in PyTorch: the reference.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022).
Loading from a path leaves the alignment heads, which the word times come from, at a guess; the
published ones are set here.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch

from f2f.backends.asr import whisper_models
from f2f.backends.asr.whisper import Whisper
from f2f.config import Config
from f2f.errors import ConfigError, StageError
from f2f.roles import BackendInfo, Samples

log = logging.getLogger(__name__)

SUFFIX = "-openai"
"""The catalogue calls checkpoints in this format "whisper-<size>-openai"."""
CANDIDATES = 5
"""Texts sampled above temperature 0, of which the most probable is kept (the command's default)."""


class OpenAIWhisper(Whisper):
    """Words with times and confidences; see `f2f.roles.Recogniser`."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="openai-whisper",
        role="asr",
        licence="MIT",
        commercial=True,
        weights=("whisper-base-openai",),
        packages=("openai-whisper", "torch", "tiktoken", "numpy"),
        extra="whisper",
        note="99 languages; several times slower than faster-whisper on a CPU",
    )

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """None if package and weights are here, else how to get them."""
        line = "pip install 'face-to-face[whisper]'"
        return whisper_models.gap(config, SUFFIX, "whisper", line)

    @classmethod
    def identity(cls, config: Config) -> str:
        """The weights, and the numbers that this machine computes in."""
        numbers = "float16" if torch.cuda.is_available() else "float32"
        return f"{whisper_models.identity(config, SUFFIX)} {numbers}"

    def __enter__(self) -> Self:
        import whisper

        path = _checkpoint(whisper_models.path_of(self._config, SUFFIX))
        device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            model = whisper.load_model(str(path), device=device)  # reads with weights_only=True
        except (RuntimeError, ValueError, KeyError, TypeError, OSError) as error:
            raise StageError(f"cannot load the recogniser from {path}: {error}") from error
        heads = whisper._ALIGNMENT_HEADS.get(path.stem)
        try:
            if heads is not None:
                model.set_alignment_heads(heads)
        except RuntimeError:
            log.warning("%s is not of the published size: word times may be rough", path.name)
        self._model = model
        return self

    def _languages(self) -> Collection[str]:
        from whisper.tokenizer import LANGUAGES

        known: dict[str, str] = LANGUAGES
        return known

    def _transcribe(
        self, audio: Samples, prompt: str | None, penalty: float, **options: Any
    ) -> tuple[str, Sequence[dict[str, Any]]]:
        with torch.random.fork_rng(), _penalised(self._model, penalty):
            torch.manual_seed(whisper_models.SEED)
            result = self._model.transcribe(
                np.array(audio, dtype=np.float32),  # a copy: torch wants it writable
                best_of=CANDIDATES,
                initial_prompt=prompt,
                carry_initial_prompt=prompt is not None,
                fp16=self._model.device.type == "cuda",
                verbose=None,
                **options,
            )
        return result["language"], result["segments"]


@contextmanager
def _penalised(model: Any, penalty: float) -> Iterator[None]:
    """Inside, `model` decodes with a repetition penalty, which its publisher's code has not."""
    from whisper.decoding import DecodingOptions, DecodingTask, LogitFilter

    class Penalty(LogitFilter):  # type: ignore[misc]
        def __init__(self, prompt_length: int) -> None:
            self.prompt_length = prompt_length

        def apply(self, logits: torch.Tensor, tokens: torch.Tensor) -> None:
            written = tokens[:, self.prompt_length :]  # (beams, words so far)
            scores = logits.gather(1, written)
            logits.scatter_(1, written, torch.where(scores > 0, scores / penalty, scores * penalty))

    def decode(mel: torch.Tensor, options: DecodingOptions = DecodingOptions()) -> Any:  # noqa: B008
        single = mel.ndim == 2
        task = DecodingTask(model, options)
        task.logit_filters.insert(0, Penalty(task.sample_begin))
        found = task.run(mel.unsqueeze(0) if single else mel)
        return found[0] if single else found

    if penalty == 1.0:
        yield
        return
    model.decode = decode
    try:
        yield
    finally:
        del model.decode


def _checkpoint(path: Path) -> Path:
    """A folder stands for the one checkpoint in it."""
    if not path.is_dir():
        return path
    found = sorted(path.glob("*.pt"))
    if len(found) != 1:
        raise ConfigError(f"{path} must hold one .pt file, and holds {len(found)}")
    return found[0]
