"""What a dub consists of: the artefacts of its stages."""

from __future__ import annotations

from dataclasses import dataclass

from f2f.store.artefacts import Artefact


@dataclass(frozen=True, slots=True)
class Draft:
    """What the machine made of the speech by itself."""

    heard: Artefact
    translated: Artefact
    said: Artefact
    clips: Artefact


@dataclass(frozen=True, slots=True)
class Corrected:
    """The same as a person corrected it; `placed` has times and speakers, but no texts."""

    placed: Artefact
    heard: Artefact
    said: Artefact
    clips: Artefact


@dataclass(frozen=True, slots=True)
class DubbedSpeech:
    """The speech branch of a dub: what was heard, what is said, and how it sounds."""

    source: Artefact
    heard: Artefact
    placed: Artefact
    """Times and speakers of what was heard, for the faces; `heard` itself unless corrected."""
    translated: Artefact
    """The translation before it was made shorter where it did not fit."""
    said: Artefact
    clips: Artefact
    speech: Artefact
    sound: Artefact


@dataclass(frozen=True, slots=True)
class Dub:
    """Every artefact of one video in one language; `result` holds the files to deliver."""

    spoken: DubbedSpeech
    faces: Artefact
    cast: Artefact
    frames: Artefact
    result: Artefact
