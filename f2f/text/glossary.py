"""Terms that a translation must keep or must render in a given way.

The file is YAML, source term → translation, or null to keep the term as it is:

    transformer: transformador
    Wav2Lip: null
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from f2f.errors import InputError

_RUN_TOGETHER = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Letters of scripts that write words, or words and their particles, without spaces."""


@dataclass(frozen=True, slots=True)
class Must:
    """Letters `start` to `end` of a source sentence must appear as `wanted`."""

    start: int
    end: int
    wanted: str


@dataclass(frozen=True, slots=True)
class Glossary:
    """Source terms and how they must appear; the longest term wins where several fit."""

    terms: tuple[tuple[str, str], ...] = ()

    def found(self, text: str) -> tuple[Must, ...]:
        """Where terms occur as whole words, in any case, from left to right."""
        return tuple(self._found(text))

    def with_terms(self, terms: Mapping[str, str | None]) -> Glossary:
        """With further entries, which win over those of the same term in any case."""
        own = {source.casefold() for source in terms}
        kept = tuple(term for term in self.terms if term[0].casefold() not in own)
        return Glossary((*kept, *((source, wanted or source) for source, wanted in terms.items())))

    def _found(self, text: str) -> Iterator[Must]:
        if not self.terms:
            return
        longest_first = sorted(self.terms, key=lambda term: len(term[0]), reverse=True)
        choices = "|".join(f"({re.escape(source)})" for source, _ in longest_first)
        for match in _whole_words(choices).finditer(text):
            assert match.lastindex is not None
            yield Must(match.start(), match.end(), longest_first[match.lastindex - 1][1])


def occurs(term: str, text: str) -> bool:
    """True if `text` has `term` as whole words, in any case."""
    return _whole_words(re.escape(term.casefold())).search(text.casefold()) is not None


def _whole_words(choices: str) -> re.Pattern[str]:
    letter, mark = rf"[^\W{_RUN_TOGETHER}]", f"[{_marks()}]"
    return re.compile(
        rf"(?<!{letter})(?<!{mark})(?:{choices})(?!{letter})(?!{mark})", re.IGNORECASE
    )


@cache
def _marks() -> str:
    """Combining marks, such as Indic vowel signs, which are no letters to `re`."""
    letters = map(chr, range(sys.maxunicode + 1))
    return "".join(letter for letter in letters if unicodedata.category(letter).startswith("M"))


def read(path: Path | None) -> Glossary:
    """The glossary in a YAML file; None gives an empty one.

    Raises:
        InputError: the file cannot be read, or is not a mapping of terms to texts or null.
    """
    if path is None:
        return Glossary()
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot read the glossary {path}: {error}") from error
    if not isinstance(tree, dict):
        raise InputError(f"{path.name}: a glossary is a mapping, e.g. 'Wav2Lip: null'")
    terms = []
    for source, target in tree.items():
        if not isinstance(source, str) or not source.strip():
            raise InputError(f"{path.name}: {source!r} is not a term; put it in quotes")
        if target is not None and not isinstance(target, str):
            raise InputError(f"{path.name}: '{source}' needs a text or null, not {target!r}")
        terms.append((source.strip(), (target or source).strip()))
    return Glossary(tuple(terms))
