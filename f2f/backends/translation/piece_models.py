"""Converted translation models: how text becomes the tokens that CTranslate2 takes, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from f2f import torchaudio_cpu
from f2f.backends.translation import indic_text
from f2f.backends.translation.language_tags import FLORES, INDIC
from f2f.backends.translation.model_families import Family, family_of
from f2f.errors import InputError, UnsupportedError
from f2f.weights import hub_translators, indictrans_format

_SPECIAL = frozenset(["<s>", "</s>", "<pad>", "<unk>"])
_SPACE = "▁"


@dataclass(frozen=True, slots=True)
class Tokens:
    """One sentence as a model reads it."""

    source: list[str]
    prefix: tuple[str, ...] = ()
    """What the translation has to begin with."""
    originals: tuple[str, ...] = ()
    """What placeholders stand for."""
    unknown: float = 0.0
    """Share of the words' tokens that the model does not know."""


class Pieces(Protocol):
    """What differs between the models."""

    longest: int
    """Tokens of the longest sentence that the model reads."""

    def check(self, source: str, target: str) -> None:
        """Raise UnsupportedError for a language that the model lacks."""

    def encode(self, text: str, source: str, target: str) -> Tokens:
        """The tokens of a sentence."""

    def decode(self, pieces: Sequence[str], target: str, tokens: Tokens) -> str:
        """Plain text of a hypothesis."""


def pieces_of(folder: Path, name: str) -> Pieces:
    """What fits a converted folder.

    Args:
        folder: made by `f2f.weights.converted` or pulled.
        name: of the model, for messages.
    """
    if (folder / indictrans_format.NOTE).is_file():
        return IndicPieces(folder, name)
    return HubPieces(folder / hub_translators.TOKENIZER, name)


class IndicPieces:
    """IndicTrans2: both tags before the words, a SentencePiece model a side."""

    def __init__(self, folder: Path, name: str) -> None:
        import sentencepiece

        self._name = name
        try:
            note = json.loads((folder / indictrans_format.NOTE).read_text(encoding="utf-8"))
            vocabulary = json.loads((folder / "source_vocabulary.json").read_text("utf-8"))
            self._subwords: Any = sentencepiece.SentencePieceProcessor(
                model_file=str(folder / indictrans_format.SUBWORDS[0])
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise InputError(f"{name} is damaged: {error}") from error
        self.longest = int(note["longest"])
        self._known = frozenset(vocabulary)
        self._tags = frozenset(note["tags"])
        self._sides: tuple[bool, bool] = tuple(note["indic"])

    def check(self, source: str, target: str) -> None:
        for language, indic in zip((source, target), self._sides, strict=True):
            fits = language in INDIC if indic else language == "en"
            if not fits or FLORES[language] not in self._tags:
                side = "Indian languages" if indic else "English"
                which = "from" if language == source else "into"
                raise UnsupportedError(f"{self._name} translates {which} {side}, not '{language}'")

    def encode(self, text: str, source: str, target: str) -> Tokens:
        shielded = indic_text.prepare(text, FLORES[source], FLORES[target])
        one, other, words = shielded.text.split(" ", 2)
        pieces = self._subwords.encode(words, out_type=str)
        spoken = [piece for piece in pieces if piece != _SPACE]
        unknown = sum(piece not in self._known for piece in spoken) / max(1, len(spoken))
        return Tokens([one, other, *pieces, "</s>"], (), shielded.originals, unknown)

    def decode(self, pieces: Sequence[str], target: str, tokens: Tokens) -> str:
        words = "".join(piece for piece in pieces if piece not in _SPECIAL)
        plain = words.replace(_SPACE, " ").strip()
        return indic_text.finish(plain, FLORES[target], tokens.originals)


class HubPieces:
    """NLLB-200, M2M-100, Marian: the model's own tokenizer, run by transformers."""

    def __init__(self, folder: Path, name: str) -> None:
        torchaudio_cpu.ensure()
        import transformers

        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
                folder, trust_remote_code=False
            )
        except (OSError, ValueError, ImportError, AttributeError, KeyError) as error:
            raise InputError(f"cannot read the tokenizer of {name}: {error}") from error
        settings = indictrans_format.settings(folder)
        self.longest = int(settings.get("max_position_embeddings", 1024))
        self._family: Family = family_of(settings, self._tokenizer, name)

    def check(self, source: str, target: str) -> None:
        self._family.check(source, target)

    def encode(self, text: str, source: str, target: str) -> Tokens:
        numbers = self._tokenizer(self._family.prepare(text, source, target))["input_ids"]
        forced = self._family.forced(target).values()
        unk = self._tokenizer.unk_token_id
        special = set(self._tokenizer.all_special_ids) - {unk}
        words = [number for number in numbers if number not in special]
        return Tokens(
            self._tokenizer.convert_ids_to_tokens(numbers),
            tuple(self._tokenizer.convert_ids_to_tokens(list(forced))),
            unknown=words.count(unk) / max(1, len(words)),
        )

    def decode(self, pieces: Sequence[str], target: str, tokens: Tokens) -> str:
        numbers = self._tokenizer.convert_tokens_to_ids(list(pieces[len(tokens.prefix) :]))
        return self._family.finish(self._family.decode([numbers])[0], target)
