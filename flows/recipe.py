"""What is done to an item, apart from when and where: plan, stages, delivery.

A recipe is named by "module:attribute", so that a worker process can find it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from f2f.config import Config
from f2f.errors import ConfigError, InputError
from f2f.store.artefacts import Store
from f2f.store.stage import Runner

DUBBING = "flows.recipe:dubbing"


class Ready(Protocol):
    """A plan: the configuration without `auto`."""

    @property
    def config(self) -> Config:
        """The configuration that the stages get."""


class Delivered(Protocol):
    """What a person gets."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, best first."""

    @property
    def summary(self) -> str:
        """A few lines: what was picked, scores, what to look at."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The steps of an item; see `f2f.job`, where the real ones live."""

    prepare: Callable[[Path, Config, Callable[[Config], Runner]], Ready]
    make: Callable[[Path, Runner], Any]
    finish: Callable[[Any, Any, Store, Path], Delivered]
    look: Callable[[Path, Config], None] = lambda _video, _config: None
    """Refuses at a glance a file that cannot be used."""


def dubbing() -> Recipe:
    """A talking-face video into another language."""
    from f2f import job, pipeline

    return Recipe(job.prepare, pipeline.translate, job.finish, _look)


def _look(video: Path, config: Config) -> None:
    from f2f import job, media

    job.check_file(video)
    if not media.probe(video).has_audio and config.recognition.transcript is None:
        raise InputError(f"{video.name} has no sound: give what is said, recognition.transcript")


def find(name: str) -> Recipe:
    """The recipe of a "module:function" name.

    Raises:
        ConfigError: there is none.
    """
    module, _, attribute = name.partition(":")
    try:
        recipe = getattr(importlib.import_module(module), attribute)()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"no recipe {name!r}: {error}") from error
    if not isinstance(recipe, Recipe):
        raise ConfigError(f"{name!r} does not give a recipe")
    return recipe
