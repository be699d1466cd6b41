"""Sequence-to-sequence models of `transformers`: IndicTrans2, NLLB-200, M2M-100, Marian.

A model is a local folder, or a hub id with a commit.  Each family names languages in its
own way and forces the first target token in its own way; `_Family` is that difference.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Protocol

from f2f import torchaudio_cpu
from f2f.backends import model_files
from f2f.backends.translation import indic_text
from f2f.backends.translation.language_tags import FLORES, INDIC
from f2f.config import Config
from f2f.errors import InputError, MissingError, StageError, UnsupportedError
from f2f.roles import BackendInfo, Closing, Sentence

log = logging.getLogger(__name__)

_EXAMPLE = (
    "for example a folder with ai4bharat/indictrans2-en-indic-dist-200M (MIT), "
    "facebook/m2m100_418M (MIT) or Helsinki-NLP/opus-mt-en-hi (Apache-2.0)"
)
_LANGUAGE_CODE = re.compile(r"__[a-z]{2,3}__")
_MOST_TOKENS = 256
"""Tokens of a translation, whatever else is in its batch; a sentence takes far fewer."""
_SHORTEST_SHARE = 0.6
"""A hypothesis shorter than this share of the best one has probably lost content."""
_MOST_UNKNOWN = 0.5
"""Share of unknown tokens above which the tokenizer does not fit the model."""


class Transformers(Closing):
    """Any of the four families, by what the model's own configuration says."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="transformers",
        role="translation",
        licence="the model's own (IndicTrans2, M2M-100 MIT; NLLB-200 CC BY-NC)",
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
        revision = config.translation.revision
        where = {"revision": revision, **_trust(self._name, settings, revision)}
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
        self._family: Any = _family(settings, self._tokenizer, self._name)

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
        if _settings(str(folder), None).get("model_type") == "IndicTrans":
            return {source, target} <= INDIC | {"en"}
        return True

    @classmethod
    def identity(cls, config: Config) -> str:
        """The state of the model's folder, or the hub id with its commit."""
        model = config.translation.model or ""
        if Path(model).expanduser().is_dir():
            return model_files.state(Path(model))
        return f"{model}@{config.translation.revision}"

    def close(self) -> None:
        """Free the memory."""
        self._model = self._tokenizer = self._family = None

    def translate(self, sentences: Sequence[Sentence], source: str, target: str) -> list[str]:
        """One translation a sentence, in order; an empty sentence stays empty.

        Of the beam's hypotheses the best one that keeps `max_chars` is taken, else the shortest
        one that has not lost much.

        Raises:
            UnsupportedError: the model does not know a language.
            StageError: the tokenizer knows nothing of the text, or a sentence is too long.
        """
        self._family.check(source, target)
        spoken = [index for index, one in enumerate(sentences) if one.text.strip()]
        spoken.sort(key=lambda index: len(sentences[index].text))  # little padding in a batch
        translations = [""] * len(sentences)
        for batch in _batches(spoken, self._batch):
            chosen = [sentences[index] for index in batch]
            for index, text in zip(batch, self._beam_search(chosen, source, target), strict=True):
                translations[index] = text
        return translations

    def _beam_search(self, sentences: list[Sentence], source: str, target: str) -> list[str]:
        import torch

        texts = [self._family.prepare(one.text, source, target) for one in sentences]
        inputs = self._tokenizer(texts, return_tensors="pt", padding=True).to(self._device)
        self._check_tokens(inputs["input_ids"], texts)
        hinted = any(one.max_chars is not None for one in sentences)
        hypotheses = self._beam if hinted else 1
        with torch.inference_mode():
            tokens = self._model.generate(
                **inputs,
                **self._family.forced(target),
                num_beams=self._beam,
                num_return_sequences=hypotheses,
                max_new_tokens=min(_MOST_TOKENS, self._longest - 1),
            )  # (sentences · hypotheses, T)
        finished = [self._family.finish(text, target) for text in self._family.decode(tokens)]
        groups = [finished[at : at + hypotheses] for at in range(0, len(finished), hypotheses)]
        return [fitting(group, one.max_chars) for group, one in zip(groups, sentences, strict=True)]

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
        if words and words.count(unknown) / len(words) > _MOST_UNKNOWN:
            raise StageError(
                f"the tokenizer of {self._name} knows almost nothing of the text; its folder "
                "needs the tokenizer.json (or sentencepiece model) that the model was made with"
            )


def fitting(hypotheses: Sequence[str], max_chars: int | None) -> str:
    """The best hypothesis that keeps `max_chars`, else the shortest that is not much shorter.

    Args:
        hypotheses: best first.
        max_chars: None takes the best.
    """
    best = hypotheses[0]
    if max_chars is None or len(best) <= max_chars:
        return best
    whole = [text for text in hypotheses if len(text) >= _SHORTEST_SHARE * len(best)]
    return next((text for text in whole if len(text) <= max_chars), min(whole, key=len))


class _Family(Protocol):
    def check(self, source: str, target: str) -> None:
        """Raise UnsupportedError for a language that the model lacks; set the source."""

    def prepare(self, text: str, source: str, target: str) -> str:
        """The text as the tokenizer expects it."""

    def forced(self, target: str) -> dict[str, Any]:
        """What `generate` needs to begin in the target language."""

    def decode(self, tokens: Any) -> list[str]:
        """Texts of (B, T) token numbers."""

    def finish(self, text: str, target: str) -> str:
        """The decoded text without what the family adds to it."""


class _Coded:
    """M2M-100 and NLLB-200: a source code in the input, the target's code as first token."""

    def __init__(self, tokenizer: Any, name: str, *, flores: bool) -> None:
        self._tokenizer = tokenizer
        self._name = name
        self._flores = flores

    def check(self, source: str, target: str) -> None:
        for language in (source, target):
            if self._code(language) is None or self._token(language) is None:
                raise UnsupportedError(f"{self._name} does not know the language '{language}'")
        self._tokenizer.src_lang = self._code(source)

    def prepare(self, text: str, source: str, target: str) -> str:
        return text

    def forced(self, target: str) -> dict[str, Any]:
        return {"forced_bos_token_id": self._token(target)}

    def decode(self, tokens: Any) -> list[str]:
        return list(self._tokenizer.batch_decode(tokens, skip_special_tokens=True))

    def finish(self, text: str, target: str) -> str:
        # M2M-100's codes are outside the vocabulary and survive decoding: "__hi__ नमस्ते"
        return " ".join(_LANGUAGE_CODE.sub(" ", text).split())

    def _code(self, language: str) -> str | None:
        return FLORES.get(language) if self._flores else language

    def _token(self, language: str) -> int | None:
        code = self._code(language)
        if not self._flores:
            token = self._tokenizer.lang_code_to_id.get(code)
            return int(token) if token is not None else None
        token = self._tokenizer.convert_tokens_to_ids(code)
        return None if token == self._tokenizer.unk_token_id else int(token)


class _Marian:
    """Opus-MT: one pair, or several targets chosen by `>>hin<<` before the text."""

    def __init__(self, tokenizer: Any, name: str) -> None:
        self._tokenizer = tokenizer
        self._name = name
        codes: list[str] = getattr(tokenizer, "supported_language_codes", None) or []
        self._tags = {code.strip("><"): code for code in codes}

    def check(self, source: str, target: str) -> None:
        if self._tags:
            if self._tag(target) is None:
                raise UnsupportedError(
                    f"{self._name} has no target '{target}'; it has {', '.join(self._tags)}"
                )
            return
        pair = (self._tokenizer.source_lang, self._tokenizer.target_lang)
        if all(pair) and pair != (source, target):
            raise UnsupportedError(
                f"{self._name} translates {pair[0]} to {pair[1]}, not {source} to {target}"
            )

    def prepare(self, text: str, source: str, target: str) -> str:
        tag = self._tag(target)
        return f"{tag} {text}" if tag else text

    def forced(self, target: str) -> dict[str, Any]:
        return {}

    def decode(self, tokens: Any) -> list[str]:
        return list(self._tokenizer.batch_decode(tokens, skip_special_tokens=True))

    def finish(self, text: str, target: str) -> str:
        return text.strip()

    def _tag(self, target: str) -> str | None:
        long = FLORES.get(target, "").partition("_")[0]
        return next((self._tags[key] for key in (target, long) if key in self._tags), None)


class _IndicTrans:
    """IndicTrans2: both tags before the text, Devanagari for every Brahmic script."""

    def __init__(self, tokenizer: Any, name: str) -> None:
        self._tokenizer = tokenizer
        self._name = name

    def check(self, source: str, target: str) -> None:
        for language in (source, target):
            if language not in INDIC | {"en"}:
                raise UnsupportedError(f"{self._name} does not know the language '{language}'")

    def prepare(self, text: str, source: str, target: str) -> str:
        return indic_text.prepare(text, FLORES[source], FLORES[target])

    def forced(self, target: str) -> dict[str, Any]:
        return {}

    def decode(self, tokens: Any) -> list[str]:
        # its tokenizer has a vocabulary for each side, and versions that must be told which
        target_side = getattr(self._tokenizer, "as_target_tokenizer", contextlib.nullcontext)
        with target_side():
            return list(self._tokenizer.batch_decode(tokens, skip_special_tokens=True))

    def finish(self, text: str, target: str) -> str:
        return indic_text.finish(text, FLORES[target])


def _family(settings: dict[str, Any], tokenizer: Any, name: str) -> _Family:
    kind = settings.get("model_type")
    if kind == "marian":
        return _Marian(tokenizer, name)
    if kind == "m2m_100":
        return _Coded(tokenizer, name, flores="Nllb" in type(tokenizer).__name__)
    if kind == "IndicTrans":
        return _IndicTrans(tokenizer, name)
    raise UnsupportedError(
        f"{name} is a '{kind}' model; known are IndicTrans2, NLLB-200, M2M-100 and Marian"
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


def _trust(name: str, settings: dict[str, Any], revision: str | None) -> dict[str, Any]:
    """IndicTrans2 brings its own Python code, which runs only from its folder or pinned commit.

    Raises:
        InputError: the folder takes code from a repository elsewhere ("owner/name--file.Class").
    """
    if settings.get("model_type") != "IndicTrans":
        return {"trust_remote_code": False}
    for file in ("config.json", "tokenizer_config.json"):
        path = Path(name).expanduser() / file
        if path.is_file() and "--" in json.dumps(json.loads(path.read_text()).get("auto_map")):
            raise InputError(f"{path} takes code from a repository elsewhere, which is not run")
    return {"trust_remote_code": True, "code_revision": revision}


def _batches(indices: list[int], size: int) -> Iterator[list[int]]:
    for at in range(0, len(indices), size):
        yield indices[at : at + size]
