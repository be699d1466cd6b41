"""A translator that keeps its promises: glossary terms and figures survive.

Each sentence is translated as it is first.  If a term or figure is missing, it is hidden behind a
nonsense name that models copy, and put back afterwards.  If the model drops even that, a sentence
with a glossary term is translated in the pieces around the term, which always keeps it; a figure
that is still missing is reported, and so is a translation of an unlikely length.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from f2f.backends import resolve
from f2f.config import Config
from f2f.roles import Sentence, Translator
from f2f.subtitles.layout import width
from f2f.text import glossary, number_check, speech_rate
from f2f.text.glossary import Glossary, Must

log = logging.getLogger(__name__)

NO_TERMS: Mapping[str, str | None] = MappingProxyType({})
_NAMES = ("XQZ", "QXV", "ZQJ", "VQX", "JXQ", "QZV", "XJZ", "ZVQ", "VZX", "QJZ")
_MASKS = (_NAMES, tuple(f"<ID{number}>" for number in range(1, len(_NAMES) + 1)))
"""Two styles: names that general models copy, and the tags that IndicTrans2 was trained with."""
_SHORTEST_SHARE = 0.35
"""A condensed sentence whose translation is shorter than this share has lost content."""
_LIKELY_SHARES = (0.3, 3.0)
"""Columns of a translation by those of its source: content is lost below, repeated above."""
_SHORTEST_JUDGED = 80
"""Columns of a source whose translation's length tells anything."""


@dataclass(frozen=True)
class ConstrainedTranslator:
    """One pair of languages, one translator, one glossary."""

    translator: Translator
    source: str
    target: str
    glossary: Glossary = field(default_factory=Glossary)

    def render(self, sentences: Sequence[Sentence]) -> list[str]:
        """One translation a sentence; those longer than their `max_chars` get a second try."""
        texts = self._faithful(sentences)
        long = [
            index
            for index, (sentence, text) in enumerate(zip(sentences, texts, strict=True))
            if sentence.max_chars is not None and len(text) > sentence.max_chars
        ]
        shorter = self._faithful(
            [
                replace(
                    sentences[index], text=speech_rate.condense(sentences[index].text, self.source)
                )
                for index in long
            ]
        )
        for index, text in zip(long, shorter, strict=True):
            texts[index] = self._shortest(sentences[index], texts[index], text)
        for sentence, text in zip(sentences, texts, strict=True):
            _judge_length(sentence.text, text)
        return texts

    def _shortest(self, sentence: Sentence, first: str, second: str) -> str:
        """The first of ever shorter candidates that fits, else the shortest."""
        limit = sentence.max_chars or 0
        candidates = [
            first,
            second,
            *(speech_rate.condense(text, self.target) for text in (first, second)),
        ]
        candidates = [
            text
            for text in candidates
            if len(text) >= _SHORTEST_SHARE * len(first)
            and len(self._missing(sentence.text, text)) <= len(self._missing(sentence.text, first))
        ]
        fits = (text for text in candidates if len(text) <= limit)
        return next(fits, min(candidates, key=len))

    def _faithful(self, sentences: Sequence[Sentence]) -> list[str]:
        if not sentences:
            return []
        texts = self.translator.translate(sentences, self.source, self.target)
        broken = {
            index: musts
            for index, (sentence, text) in enumerate(zip(sentences, texts, strict=True))
            if (musts := self._missing(sentence.text, text))
        }
        for names in _MASKS:
            for index, text in self._masked(sentences, broken, names).items():
                texts[index] = text
                del broken[index]
        for index, musts in broken.items():
            texts[index] = self._in_pieces(sentences[index], texts[index], musts)
        return texts

    def _missing(self, source: str, translation: str) -> tuple[Must, ...]:
        """Terms and figures that the translation lacks, from left to right."""
        found = self.glossary.found(source)
        terms = [must for must in found if not glossary.occurs(must.wanted, translation)]
        numbers = [
            must
            for must in number_check.lost(source, translation, self.source, self.target)
            if not any(must.start < term.end and term.start < must.end for term in found)
        ]
        return tuple(sorted([*terms, *numbers], key=lambda must: must.start))

    def _masked(
        self,
        sentences: Sequence[Sentence],
        broken: dict[int, tuple[Must, ...]],
        names: Sequence[str],
    ) -> dict[int, str]:
        """Translations by index of those sentences in which every mask survived once."""
        tried = {index: musts for index, musts in broken.items() if len(musts) <= len(names)}
        if not tried:
            return {}
        hidden = [
            replace(sentences[index], text=_hide(sentences[index].text, musts, names))
            for index, musts in tried.items()
        ]
        texts = self.translator.translate(hidden, self.source, self.target)
        return {
            index: _reveal(text, musts, names)
            for (index, musts), text in zip(tried.items(), texts, strict=True)
            if all(text.count(names[number]) == 1 for number in range(len(musts)))
        }

    def _in_pieces(self, sentence: Sentence, translation: str, musts: tuple[Must, ...]) -> str:
        terms = [must for must in self.glossary.found(sentence.text) if must in musts]
        if not terms:
            wanted = ", ".join(must.wanted for must in musts)
            log.warning("the translation of %r may have lost: %s", sentence.text, wanted)
            return translation
        pieces: list[str] = []
        at = 0
        for term in terms:
            pieces += [sentence.text[at : term.start], ""]
            at = term.end
        pieces.append(sentence.text[at:])
        texts = self.translator.translate(
            [Sentence(piece.strip()) for piece in pieces], self.source, self.target
        )
        for number, term in enumerate(terms):
            texts[2 * number + 1] = term.wanted
        return " ".join(text for text in texts if text.strip())


@contextmanager
def opened(
    config: Config, source: str, target: str, *, terms: Mapping[str, str | None] = NO_TERMS
) -> Iterator[ConstrainedTranslator]:
    """The configured translator and glossary for one pair; its memory is freed at the end.

    Args:
        config: names the backend and the glossary.
        source: language heard.
        target: language to say.
        terms: further entries, which win over the glossary's.

    Raises:
        MissingError, ConfigError, UnsupportedError: the backend cannot serve.
        InputError: the glossary cannot be read.
    """
    pair = config.languages.model_copy(update={"source": source, "target": target})
    backend = resolve("translation", config.translation.backend)
    with backend(config.model_copy(update={"languages": pair})) as translator:
        given = glossary.read(config.translation.glossary)
        yield ConstrainedTranslator(translator, source, target, given.with_terms(terms))


def _judge_length(source: str, translation: str) -> None:
    columns = width(source)
    least, most = (share * columns for share in _LIKELY_SHARES)
    if columns >= _SHORTEST_JUDGED and not least <= width(translation) <= most:
        log.warning("the translation of %r may have lost or repeated much: %r", source, translation)


def _hide(text: str, musts: Sequence[Must], names: Sequence[str]) -> str:
    for number in reversed(range(len(musts))):
        must = musts[number]
        text = text[: must.start] + names[number] + text[must.end :]
    return text


def _reveal(text: str, musts: Sequence[Must], names: Sequence[str]) -> str:
    for number, must in enumerate(musts):
        text = text.replace(names[number], must.wanted)
    return text
