"""A stage: a function from artefacts to one artefact, and the runner that gives it its cache.

    @stage(
        version=1,
        settings=lambda config: (config.languages.source, config.recognition),
        packages=lambda config: ("numpy",),
    )
    def transcribe(work: Work, source: Artefact) -> None:
        info = work.read(source, VideoInfo)
        ...
        work.write(transcript)                     # value.json
        save(work.folder / "words.vtt")            # payload files beside it

The key is the SHA-256 over the stage's name and version, its slice of the configuration, the
digests of the files and weights that the slice names, and the keys of its inputs.  The versions
of the packages stand in meta.json and not in the key; `docs/cache.md` says why.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from f2f.config import Config
from f2f.errors import InputError
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact, Fill, Store
from f2f.store.digests import digest_given, digest_json
from f2f.store.versions import versions

log = logging.getLogger(__name__)
T = TypeVar("T")

Settings = Callable[[Config], Any]
Packages = Callable[[Config], Iterable[str]]
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
    parts: list[Artefact] = field(default_factory=list)
    """Artefacts that were obtained on the way to this one."""

    def read(self, artefact: Artefact, kind: type[T]) -> T:
        """An input's typed value."""
        self.store.trust(artefact)
        return self.store.read(artefact, kind)

    def path(self, artefact: Artefact, name: str) -> Path:
        """A payload file of an input."""
        self.store.trust(artefact)
        return self.store.path(artefact, name)

    def obtain(self, artefact: Artefact, fill: Fill, about: Mapping[str, Any]) -> None:
        """An artefact that this one is made of and that may serve others too, as one line does."""
        self.store.obtain(artefact, fill, about)
        self.parts.append(artefact)

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
    packages: Packages = lambda _config: ()

    def artefact(self, config: Config, *inputs: Input) -> Artefact:
        """The reference that this stage's result has for this configuration and these inputs."""
        recipe = {
            "stage": self.name,
            "version": self.version,
            "settings": plain(self.settings(config)),
            "inputs": [_identity(item) for item in inputs],
        }
        return Artefact(self.name, digest_json(recipe)[:32])


def stage(
    *, version: int, settings: Settings, packages: Packages = lambda _config: ()
) -> Callable[[Callable[..., None]], Stage]:
    """Declare a stage.

    Args:
        version: raise it whenever the result changes for the same input.
        settings: the slice of the configuration, and whatever else the result depends on.
        packages: distributions whose numbers or choices are in the result.
    """

    def declare(function: Callable[..., None]) -> Stage:
        return Stage(function.__name__, version, settings, function, packages)

    return declare


def produce(
    stage: Stage,
    inputs: tuple[Input, ...],
    config: Config,
    store: Store,
    *,
    progress: Progress = silent,
    permit: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
) -> tuple[Artefact, bool]:
    """Make a stage's artefact unless it is there: what every runner does.

    Args:
        stage: the stage.
        inputs: its inputs.
        config: options without `auto`.
        store: where the inputs lie and the artefact will lie.
        progress: told how far the stage is.
        permit: see `Store.obtain`.

    Returns:
        The artefact, and True if this call made it.

    Raises:
        InputError: a file that the stage reads was changed while it was being read.
    """
    artefact = stage.artefact(config, *inputs)
    given = {path: digest_given(path) for path in _paths([inputs, stage.settings(config)])}

    def fill(folder: Path) -> Mapping[str, Any]:
        work = Work(stage.name, folder, config, store, progress)
        stage.fill(work, *inputs)
        if stage.artefact(config, *inputs) != artefact:
            changed = (path.name for path, digest in given.items() if digest_given(path) != digest)
            what = next(changed, f"what {stage.name} is made from")
            raise InputError(f"{what} was changed while it was being read; start again")
        return {"parts": [str(part) for part in work.parts]}

    return artefact, store.obtain(artefact, fill, _about(stage, config, inputs), permit=permit)


class Runner(Protocol):
    """Binds configuration and store; `pipeline` knows nothing else."""

    @property
    def config(self) -> Config:
        """The options, without `auto`."""

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        """Run the stage, or find what it made before."""


@dataclass(frozen=True)
class Bound:
    """A function that runs stages, with the configuration that it runs them by."""

    config: Config
    call: Callable[..., Artefact]

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        """See `Runner`."""
        return self.call(stage, *inputs)


@dataclass(frozen=True)
class Plain:
    """Runs stages in this process, one after the other, through the store; each once."""

    config: Config
    store: Store
    progress: Progress = silent
    ran: list[str] = field(default_factory=list)
    """Names of the stages that were really run, for the report and the tests."""
    _there: set[Artefact] = field(default_factory=set)

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        """The stage's artefact, from the store if it is complete there."""
        artefact = stage.artefact(self.config, *inputs)
        if artefact in self._there:
            return artefact
        self.progress(stage.name, 0.0, 1.0)
        artefact, made = produce(stage, inputs, self.config, self.store, progress=self.progress)
        if made:
            self.ran.append(stage.name)
        else:
            log.info("%s: already done", stage.name)
        self.progress(stage.name, 1.0, 1.0)
        self._there.add(artefact)
        return artefact

    def with_config(self, config: Config) -> Plain:
        """The same run with another configuration; what is there stays known."""
        return replace(self, config=config)


def plain(value: Any) -> Any:
    """Settings as plain values; a path counts by the content of its file."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Path):
        return digest_given(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def _paths(value: Any) -> Iterator[Path]:
    """The files that inputs or settings name."""
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Path):
        yield value
    elif isinstance(value, Mapping):
        yield from _paths(list(value.values()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _paths(item)


def _about(stage: Stage, config: Config, inputs: tuple[Input, ...]) -> dict[str, Any]:
    """What meta.json says of how an artefact was made."""
    return {
        "stage": stage.name,
        "version": stage.version,
        "packages": versions(stage.packages(config)),
        "settings": plain(stage.settings(config)),
        "inputs": [_name(item) for item in inputs],
    }


def _identity(item: Input) -> str:
    return digest_given(item) if isinstance(item, Path) else str(item)


def _name(item: Input) -> str:
    return str(item.absolute()) if isinstance(item, Path) else str(item)
