"""Students: small translators out of English that `training` makes, run by CTranslate2.

Their folder holds the weights, the subwords they read and write and a note of where they are from.
They read English without capitals, and write every Brahmic script in Devanagari letters, which is
undone here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from f2f.errors import InputError
from f2f.text.indic_scripts import from_devanagari

ENGLISH = "tokenizer.json"
"""Subwords of what is read, a BERT's."""
SUBWORDS = "subwords.model"
"""Subwords of what is written."""
NOTE = "translator.json"

BEAM = 4
LONGEST = 160
"""Subwords of a sentence that are read; no longer one was trained on."""
LONGEST_WRITTEN = 256
"""Subwords after which a translation is cut: one that does not end is a loop."""

_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_SENTENCE_END = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][\"')\]]))"
    # not after an initial or a title
    r"(?<!\b[A-Z]\.)(?<!\b(?:Mr|Ms|Dr|St|vs|No)\.)(?<!\bMrs\.)"
    r"\s+(?=[\"'(\[]*[A-Z0-9])"
)


def tag(language: str) -> str:
    """What a student's translation begins with: which language is wanted."""
    return f"<2{language}>"


def english_subwords(path: Path) -> Tokenizer:
    """The tokenizer of a published encoder, which cuts no text to one length.

    Raises:
        InputError: it cannot be read.
    """
    try:
        found = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise InputError(f"cannot read {path}: {error}") from error
    found.no_padding()
    found.no_truncation()
    return found


@dataclass(frozen=True, slots=True)
class Rendering:
    """A translation and how sure the student is of it."""

    text: str
    score: float
    """Mean log-probability of a subword; the least of the text's sentences."""


class Student:
    """A loaded folder.

    Raises:
        InputError: it is not whole, or not a student's.
    """

    def __init__(self, folder: Path, *, threads: int = 0, beam: int = BEAM) -> None:
        import ctranslate2
        import sentencepiece

        self._beam = beam
        try:
            note: dict[str, Any] = json.loads((folder / NOTE).read_text(encoding="utf-8"))
            self.targets = tuple(note["targets"])
            self._english = english_subwords(folder / ENGLISH)
            self._subwords: Any = sentencepiece.SentencePieceProcessor(
                model_file=str(folder / SUBWORDS)
            )
            self._model: Any = ctranslate2.Translator(str(folder), intra_threads=threads)
        except (OSError, ValueError, KeyError, RuntimeError, InputError) as error:
            raise InputError(f"{folder} holds no student translator: {error}") from error

    def translate(self, texts: Sequence[str], target: str) -> list[Rendering]:
        """English texts in the target language, sentence by sentence.

        Raises:
            InputError: the student does not know the language.
        """
        if target not in self.targets:
            raise InputError(f"the student knows {', '.join(self.targets)}, not {target}")
        parts = [_sentences(text) for text in texts]
        found = iter(self._renderings([part for one in parts for part in one], target))
        return [_joined([next(found) for _ in one]) for one in parts]

    def _renderings(self, sentences: list[str], target: str) -> list[Rendering]:
        if not sentences:
            return []
        sources = [
            [*read.tokens[: LONGEST - 1], read.tokens[-1]]
            if len(read.tokens) > LONGEST
            else read.tokens
            for read in self._english.encode_batch(sentences)
        ]
        results = self._model.translate_batch(
            sources,
            [[tag(target)]] * len(sources),
            beam_size=self._beam,
            max_batch_size=1024,
            batch_type="tokens",
            max_decoding_length=LONGEST_WRITTEN,
            disable_unk=True,
            return_scores=True,
        )
        return [
            Rendering(self._written(result.hypotheses[0], target, read), result.scores[0])
            for read, result in zip(sentences, results, strict=True)
        ]

    def _written(self, pieces: list[str], target: str, read: str) -> str:
        devanagari: str = self._subwords.decode(pieces)
        text = unicodedata.normalize("NFC", from_devanagari(devanagari, target))
        return with_capitals(text, read)


def with_capitals(text: str, read: str) -> str:
    """Latin words of a translation spelt as the English that was read spells them."""
    spelt = {word.lower(): word for word in _LATIN.findall(read)}
    return _LATIN.sub(lambda found: spelt.get(found[0].lower(), found[0]), text)


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE_END.split(" ".join(text.split())) if part]


def _joined(parts: Sequence[Rendering]) -> Rendering:
    score = min((part.score for part in parts), default=0.0)
    return Rendering(" ".join(part.text for part in parts), score)
