"""Drafts: a student translator of our own, English into ten Indian languages, offline.

Its text is for a person to correct: small training text, small model. `translation.model` names
its folder, as `python -m training translate` exports it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from f2f.backends import model_files
from f2f.backends.translation.student import NOTE, Student
from f2f.config import Config
from f2f.errors import MissingError, UnsupportedError
from f2f.roles import BackendInfo, Closing, Sentence

SOURCE = "en"


class Draft(Closing):
    """English into what the named student knows, sentence by sentence."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="draft",
        role="translation",
        licence="as the student's translator.json says (research use)",
        commercial=False,
        note="a draft to be corrected; needs --set translation.model=FOLDER",
    )

    def __init__(self, config: Config) -> None:
        gap = self.missing(config)
        folder = _folder(config)
        if gap is not None or folder is None:
            raise MissingError(gap or "no student is named")
        self._student = Student(folder, beam=config.translation.beam)

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """How to name a student, unless one is named."""
        if _folder(config) is None:
            return f"name a student's folder, one with {NOTE}: --set translation.model=FOLDER"
        return None

    @classmethod
    def serves(cls, source: str, target: str, config: Config) -> bool:
        """True from English into the languages of the named student."""
        folder = _folder(config)
        return folder is not None and source == SOURCE and target in _targets(folder)

    @classmethod
    def identity(cls, config: Config) -> str:
        """The state of the student's folder."""
        folder = _folder(config)
        return "" if folder is None else model_files.state(folder)

    def translate(self, sentences: Sequence[Sentence], source: str, target: str) -> list[str]:
        """One translation a sentence; `max_chars` cannot be honoured.

        Raises:
            UnsupportedError: the pair is none of the student's.
        """
        if source != SOURCE or target not in self._student.targets:
            raise UnsupportedError(f"this student has no route from {source} to {target}")
        texts = [one.text for one in sentences]
        return [one.text for one in self._student.translate(texts, target)]


def _folder(config: Config) -> Path | None:
    """The folder that the user named, if it is a student's."""
    if config.translation.model is None:
        return None
    folder = Path(config.translation.model).expanduser()
    return folder if (folder / NOTE).is_file() else None


def _targets(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(json.loads((folder / NOTE).read_text(encoding="utf-8"))["targets"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()  # judged when it is loaded
