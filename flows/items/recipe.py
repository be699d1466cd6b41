"""What is done to an item, apart from when and where: plan, stages, delivery.

Recipes go by name.  `dubbing` is built in; others come from installed packages that declare them
in the entry point group `f2f.recipes`.  A flow's parameter can only choose among these: no module
is imported because a parameter names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from f2f.config import Config
from f2f.errors import ConfigError, InputError
from f2f.store.artefacts import Store
from f2f.store.stage import Runner, Stage

DUBBING = "dubbing"
GROUP = "f2f.recipes"
"""Entry points of this group are functions without arguments that give a `Recipe`."""


class Prepared(Protocol):
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

    prepare: Callable[[Path, Config, Callable[[Config], Runner]], Prepared]
    make: Callable[[Path, Runner], Any]
    finish: Callable[[Any, Any, Store, Path], Delivered]
    is_delivered: Callable[[Any, Any, Store, Path], bool]
    """True if all that `finish` would put there lies there, with the same content."""
    stages: tuple[Stage, ...]
    """All that `make` and `prepare` may run; workers look a stage up here by its name."""
    look: Callable[[Path, Config], None] = lambda _video, _config: None
    """Refuses at a glance a file that cannot be used."""

    def stage(self, name: str) -> Stage:
        """The stage of that name.

        Raises:
            ConfigError: the recipe has none.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise _unknown("stage", name, [stage.name for stage in self.stages])


def dubbing() -> Recipe:
    """A talking-face video into another language."""
    from f2f import job, pipeline

    stages = tuple(value for value in vars(pipeline).values() if isinstance(value, Stage))
    return Recipe(job.prepare, pipeline.translate, job.finish, job.is_delivered, stages, _look)


def find(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        ConfigError: none that is installed has it, or it cannot be loaded.
    """
    if name == DUBBING:
        return dubbing()
    installed: Mapping[str, Any] = {point.name: point for point in entry_points(group=GROUP)}
    if name not in installed:
        raise _unknown("recipe", name, [DUBBING, *installed])
    try:
        recipe = installed[name].load()()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"the recipe {name!r} cannot be loaded: {error}") from error
    if not isinstance(recipe, Recipe):
        raise ConfigError(f"the entry point {name!r} of {GROUP} does not give a recipe")
    return recipe


def _look(video: Path, config: Config) -> None:
    from f2f import job, media
    from f2f.media import animated_webp

    job.check_file(video)
    heard = not animated_webp.is_animated(video) and media.probe(video).has_audio
    if not heard and config.recognition.transcript is None:
        raise InputError(f"{video.name} has no sound: give what is said, recognition.transcript")


def _unknown(kind: str, name: str, choices: list[str]) -> ConfigError:
    return ConfigError(f"there is no {kind} {name!r}; choices: {', '.join(sorted(choices))}")
