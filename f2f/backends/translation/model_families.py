"""Three families of models, each with its own way to name languages and to begin a translation.

Sources: Fan et al., "Beyond English-Centric Multilingual Machine Translation" (2020, M2M-100);
NLLB Team, "No Language Left Behind" (2022); Junczys-Dowmunt et al., "Marian" (2018).
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from f2f.backends.translation.language_tags import FLORES
from f2f.errors import UnsupportedError

_LANGUAGE_CODE = re.compile(r"__[a-z]{2,3}__")


class Family(Protocol):
    """What differs between the families."""

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


class Coded:
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


class Marian:
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


def family_of(settings: dict[str, Any], tokenizer: Any, name: str) -> Family:
    """The family of a model.

    Args:
        settings: its config.json.
        tokenizer: of the model, loaded.
        name: folder or hub id, for messages.

    Raises:
        UnsupportedError: another family.
    """
    kind = settings.get("model_type")
    if kind == "marian":
        return Marian(tokenizer, name)
    if kind == "m2m_100":
        return Coded(tokenizer, name, flores="Nllb" in type(tokenizer).__name__)
    raise UnsupportedError(f"{name} is a '{kind}' model; known are NLLB-200, M2M-100 and Marian")
