"""A stage: a function from artefacts to one artefact, and the runner that gives it its cache.

    @stage(version=1, settings=lambda config: (config.languages.source, config.recognition))
    def transcribe(work: Work, source: Artefact) -> None:
        info = work.read(source, VideoInfo)
        ...
        work.write(transcript)                     # value.json
        save(work.folder / "words.vtt")            # payload files beside it

The key is the SHA-256 over the stage's name and version, its slice of the configuration, the
digests of the files and weights that the slice names, and the keys of its inputs.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from f2f.config import Config
from f2f.errors import InputError
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact, Store
from f2f.store.digests import digest_file, digest_json

log = logging.getLogger(__name__)
T = TypeVar("T")

Settings = Callable[[Config], Any]
Input = Artefact | Path


class Progress(Protocol):
    """Where a stage says how far it is."""

    def __call__(self, stage: str, done: float, total: float, /) -> None:
        """`done` of `total` units; called with done == total at the end (also on a cache hit)."""


def silent(_stage: str, _done: float, _total: float, /) -> None:
    """The progress of nobody watching."""


@dataclass(frozen=True)
class Work:
    """What a stage gets: its folder to fill, the configuration, the store to read inputs from."""

    stage: str
    folder: Path
    config: Config
    store: Store
    progress: Progress = silent

    def read(self, artefact: Artefact, kind: type[T]) -> T:
        """An input's typed value."""
        return self.store.read(artefact, kind)

    def path(self, artefact: Artefact, name: str) -> Path:
        """A payload file of an input."""
        return self.store.path(artefact, name)

    def write(self, value: Any) -> None:
        """This stage's typed value."""
        values.write(value, self.folder / VALUE)

    def advance(self, done: float, total: float) -> None:
        """Report progress in any unit."""
        self.progress(self.stage, done, total)


@dataclass(frozen=True)
class Stage:
    """A named, versioned function; calling a stage needs a runner (`Plain` or Prefect's)."""

    name: str
    version: int
    settings: Settings
    fill: Callable[..., None]

    def artefact(self, config: Config, *inputs: Input) -> Artefact:
        """The reference that this stage's result has for this configuration and these inputs."""
        recipe = {
            "stage": self.name,
            "version": self.version,
            "settings": plain(self.settings(config)),
            "inputs": [_identity(item) for item in inputs],
        }
        return Artefact(self.name, digest_json(recipe)[:32])


def stage(*, version: int, settings: Settings) -> Callable[[Callable[..., None]], Stage]:
    """Declare a stage; raise `version` whenever its result changes for the same input."""

    def declare(function: Callable[..., None]) -> Stage:
        return Stage(function.__name__, version, settings, function)

    return declare


class Runner(Protocol):
    """Binds configuration and store; `pipeline` knows nothing else."""

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        """Run the stage, or find what it made before."""


@dataclass(frozen=True)
class Plain:
    """Runs stages in this process, one after the other, through the store."""

    config: Config
    store: Store
    progress: Progress = silent
    ran: list[str] = field(default_factory=list)
    """Names of the stages that were really run, for the report and the tests."""

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        """The stage's artefact, from the store if it is complete there."""
        artefact = stage.artefact(self.config, *inputs)
        self.progress(stage.name, 0.0, 1.0)
        made = self.store.obtain(
            artefact,
            functools.partial(self._fill, stage, inputs),
            about(stage, self.config, inputs),
        )
        if made:
            self.ran.append(stage.name)
        else:
            log.info("%s: already done", stage.name)
        self.progress(stage.name, 1.0, 1.0)
        return artefact

    def _fill(self, stage: Stage, inputs: tuple[Input, ...], folder: Path) -> None:
        stage.fill(Work(stage.name, folder, self.config, self.store, self.progress), *inputs)


def about(stage: Stage, config: Config, inputs: tuple[Input, ...]) -> dict[str, Any]:
    """What meta.json says of how an artefact was made."""
    return {
        "stage": stage.name,
        "version": stage.version,
        "settings": plain(stage.settings(config)),
        "inputs": [_name(item) for item in inputs],
    }


def plain(value: Any) -> Any:
    """Settings as plain values; a path counts by the content of its file."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Path):
        return _content(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def _content(path: Path) -> str:
    if path.exists() and not path.is_file():  # a pipe would be read for ever
        raise InputError(f"{path} is not a regular file")
    try:
        stat = path.stat()
        return _digest(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


@functools.lru_cache(maxsize=256)
def _digest(path: Path, _size: int, _changed: int) -> str:
    """Read a long video or large weights once a process, not once a stage."""
    return digest_file(path)


def _identity(item: Input) -> str:
    return _content(item) if isinstance(item, Path) else f"{item.stage}/{item.key}"


def _name(item: Input) -> str:
    return str(item.absolute()) if isinstance(item, Path) else f"{item.stage}/{item.key}"
