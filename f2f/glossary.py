"""Terms that a translation must keep or must render in a given way.

The file is YAML, source term → translation, or null to keep the term as it is:

    transformer: transformador
    Wav2Lip: null
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from f2f.errors import InputError


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

    def _found(self, text: str) -> Iterator[Must]:
        if not self.terms:
            return
        wanted = {source.casefold(): target for source, target in self.terms}
        longest_first = sorted(wanted, key=len, reverse=True)
        choices = "|".join(re.escape(term) for term in longest_first)
        for match in re.finditer(rf"(?<!\w)(?:{choices})(?!\w)", text, re.IGNORECASE):
            yield Must(match.start(), match.end(), wanted[match[0].casefold()])


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
