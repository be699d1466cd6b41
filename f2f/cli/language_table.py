"""The rows of `f2f languages`: what can be translated and spoken, through what, at which price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from f2f.backends import names, resolve
from f2f.backends.speech.phonemes import ESPEAK_CODES
from f2f.backends.translation.language_tags import FLORES
from f2f.config import Config
from f2f.roles import BackendInfo

ANY = "any"
"""Stands for every language that the backend or a translator's file knows."""


@dataclass(frozen=True, slots=True)
class Row:
    """A pair that can be translated, or (source empty) a language that can be spoken."""

    source: str
    target: str
    backend: str
    download: str
    licence: str
    note: str
    voices: tuple[str, ...] = ()
    """Names for `speech.voice`, best first."""

    @property
    def count(self) -> str:
        """How many voices, and what is to be known of them."""
        voices = "1 voice" if len(self.voices) == 1 else f"{len(self.voices)} voices"
        return f"{voices} ({self.note})" if self.note else voices


def rows(config: Config) -> tuple[Row, ...]:
    """Voices first, then translators, then the way that always works: a translator's file."""
    file = Row(ANY, ANY, "--translation FILE", "nothing", "–", "subtitles by a person")
    return (*_voices(config), *_pairs(config), file)


def by_target(pairs: Iterable[Row]) -> tuple[Row, ...]:
    """One row a backend and language to translate into, its sources in one cell."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in pairs:
        groups.setdefault((row.backend, row.target), []).append(row)
    return tuple(
        replace(group[0], source=", ".join(row.source for row in group))
        for group in groups.values()
    )


def _voices(config: Config) -> Iterator[Row]:
    """One row a language and backend; the robotic last resort only where nothing else speaks."""
    spoken: set[str] = set()
    for name in names("speech"):
        backend = resolve("speech", name)
        for language in sorted({*FLORES, *ESPEAK_CODES} - {"en-gb"}):
            voices = backend.voices(language, config)
            if not voices or (name == "espeak" and language in spoken):
                continue
            spoken.add(language)
            row = _row(backend, config, "", language, voices[0].experimental or "")
            yield replace(row, voices=tuple(voice.name for voice in voices))


def _pairs(config: Config) -> Iterator[Row]:
    for name in names("translation"):
        backend = resolve("translation", name)
        if config.translation.model is None and "translation.model" in backend.info.note:
            yield replace(_row(backend, config, ANY, ANY, backend.info.note), download="a model")
            continue
        common = ("en", "es", "fr", "hi", "it", "pt")
        for source in common:
            for target in sorted(FLORES):
                if backend.serves(source, target, config):
                    languages = config.languages.model_copy(
                        update={"source": source, "target": target}
                    )
                    pair = config.model_copy(update={"languages": languages})
                    yield _row(backend, pair, source, target, "")


def _row(backend: Any, config: Config, source: str, target: str, note: str) -> Row:
    info: BackendInfo = backend.info
    gap: str | None = backend.missing(config)
    licence = info.licence if info.commercial else f"{info.licence}; not for commercial use"
    return Row(source, target, info.name, gap or "nothing", licence, note)
