"""Sequence-to-sequence models run by `transformers` itself: NLLB-200, M2M-100, Marian.

A model is a hub id with a commit, or a local folder (which `auto` gives to CTranslate2, several
times as fast).  What differs between the families is in `model_families`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from f2f import torchaudio_cpu
from f2f.backends import model_files
from f2f.backends.translation.hypotheses import MOST_TOKENS, MOST_UNKNOWN, translated
from f2f.backends.translation.language_tags import FLORES
from f2f.backends.translation.model_families import Family, family_of
from f2f.config import Config
from f2f.errors import InputError, MissingError, StageError, UnsupportedError
from f2f.roles import BackendInfo, Closing, Sentence
from f2f.weights.indictrans_format import KIND

log = logging.getLogger(__name__)

_EXAMPLE = (
    "for example a folder with facebook/m2m100_418M (MIT) or Helsinki-NLP/opus-mt-en-hi "
    "(Apache-2.0)"
)


class Transformers(Closing):
    """Any of the three families, by what the model's own configuration says."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="transformers",
        role="translation",
        licence="the model's own (M2M-100 MIT; NLLB-200 CC BY-NC)",
        commercial=True,
        packages=("transformers", "torch", "tokenizers", "sentencepiece"),
        note="needs translation.model: a local folder, or a hub id with translation.revision",
    )

    def __init__(self, config: Config) -> None:
        torchaudio_cpu.ensure()
        import torch
        import transformers

        gap = self.missing(config)
        if gap is not None:
            raise MissingError(gap)
        assert config.translation.model is not None
        self._name = config.translation.model
        self._beam = config.translation.beam
        self._batch = config.translation.batch
        settings = _settings(self._name, config.translation.revision)
        if settings.get("model_type") == KIND:
            raise UnsupportedError(
                f"{self._name} is an IndicTrans2, which --set translation.backend=ctranslate2 runs "
                "from its folder"
            )
        where = {"revision": config.translation.revision, "trust_remote_code": False}
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(self._name, **where)
            model = transformers.AutoModelForSeq2SeqLM.from_pretrained(self._name, **where)
        except (OSError, ValueError, ImportError, AttributeError, KeyError) as error:
            raise MissingError(
                f"cannot load the translation model {self._name}: {error}"
            ) from error
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model: Any = model.to(self._device).eval()
        self._longest = int(getattr(model.config, "max_position_embeddings", 0) or 1024)
        self._family: Family = family_of(settings, self._tokenizer, self._name)

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """What has to be installed or said, else None."""
        if find_spec("transformers") is None:
            return "transformers is not installed: pip install transformers sentencepiece"
        model = config.translation.model
        if model is None:
            return f"name a model with --set translation.model=FOLDER, {_EXAMPLE}"
        if Path(model).expanduser().is_dir():
            if not (Path(model).expanduser() / "config.json").is_file():
                return f"{model} has no config.json: it is not a transformers model"
            return None
        if model.startswith((".", "/", "~")):
            return f"there is no folder {model!r}"
        if config.translation.revision is None:
            return (
                f"there is no folder {model!r}; a hub model is named like owner/name and needs "
                "--set translation.revision=COMMIT"
            )
        return None

    @classmethod
    def serves(cls, source: str, target: str, config: Config) -> bool:
        """True if the named model knows both languages; without one, if some model does."""
        model = config.translation.model
        if source == target or source not in FLORES or target not in FLORES:
            return False
        folder = Path(model).expanduser() if model is not None else None
        if folder is None or not (folder / "config.json").is_file():
            return True  # judged when it is loaded
        return _settings(str(folder), None).get("model_type") != KIND

    @classmethod
    def identity(cls, config: Config) -> str:
        """The state of the model's folder, or the hub id with its commit."""
        model = config.translation.model or ""
        if Path(model).expanduser().is_dir():
            return model_files.state(Path(model))
        return f"{model}@{config.translation.revision}"

    def close(self) -> None:
        """Free the memory."""
        self._model = self._tokenizer = None

    def translate(self, sentences: Sequence[Sentence], source: str, target: str) -> list[str]:
        """One translation a sentence, in order; see `hypotheses.translated`.

        Raises:
            UnsupportedError: the model does not know a language.
            StageError: the tokenizer knows nothing of the text, or a sentence is too long.
        """
        self._family.check(source, target)

        def search(chosen: list[Sentence], hypotheses: int) -> list[list[str]]:
            return self._beam_search(chosen, source, target, hypotheses)

        return translated(sentences, search, batch=self._batch, beam=self._beam)

    def _beam_search(
        self, sentences: list[Sentence], source: str, target: str, hypotheses: int
    ) -> list[list[str]]:
        import torch

        texts = [self._family.prepare(sentence.text, source, target) for sentence in sentences]
        inputs = self._tokenizer(texts, return_tensors="pt", padding=True).to(self._device)
        self._check_tokens(inputs["input_ids"], texts)
        with torch.inference_mode():
            tokens = self._model.generate(
                **inputs,
                **self._family.forced(target),
                num_beams=self._beam,
                num_return_sequences=hypotheses,
                max_new_tokens=min(MOST_TOKENS, self._longest - 1),
            )  # (sentences · hypotheses, T)
        finished = [self._family.finish(text, target) for text in self._family.decode(tokens)]
        return [finished[at : at + hypotheses] for at in range(0, len(finished), hypotheses)]

    def _check_tokens(self, tokens: Any, texts: list[str]) -> None:
        """Refuse what would silently become nonsense: (B, T) token numbers."""
        if tokens.shape[1] > self._longest:
            raise StageError(
                f"a sentence of {tokens.shape[1]} tokens is longer than the {self._longest} that "
                f"{self._name} reads: {max(texts, key=len)[:60]!r}…"
            )
        unknown = self._tokenizer.unk_token_id
        special = set(self._tokenizer.all_special_ids) - {unknown}
        words = [token for row in tokens.tolist() for token in row if token not in special]
        if words and words.count(unknown) / len(words) > MOST_UNKNOWN:
            raise StageError(
                f"the tokenizer of {self._name} knows almost nothing of the text; its folder "
                "needs the tokenizer.json (or sentencepiece model) that the model was made with"
            )


def _settings(name: str, revision: str | None) -> dict[str, Any]:
    """config.json as it is; nothing of the model is imported."""
    file = Path(name).expanduser() / "config.json"
    if file.is_file():
        try:
            settings: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"cannot read {file}: {error}") from error
        return settings
    import transformers

    try:
        found, _ = transformers.PretrainedConfig.get_config_dict(name, revision=revision)
    except (OSError, ValueError) as error:
        raise MissingError(f"cannot fetch the translation model {name}: {error}") from error
    return dict(found)
