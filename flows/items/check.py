"""Is an item complete?  By content: the keys of its stages and the bytes of its files."""

from __future__ import annotations

import filecmp
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from f2f.config import Config
from f2f.delivery import destinations
from f2f.store.artefacts import Artefact, Store
from f2f.store.remote import open_store
from f2f.store.stage import Input, Runner, Stage
from flows.items import recipe
from flows.items.item import Item, ItemResult, ItemStatus


class _UnfinishedError(Exception):
    """A stage that has to run before anything further can be said."""


@dataclass
class _Looking:
    """A runner that runs nothing: it only notes what is not there."""

    config: Config
    store: Store
    missing: list[str] = field(default_factory=list)

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        artefact = stage.artefact(self.config, *inputs)
        if not self.store.has(artefact) and stage.name not in self.missing:
            self.missing.append(stage.name)
        return artefact

    def or_stop(self) -> Runner:
        def run(stage: Stage, *inputs: Input) -> Artefact:
            artefact = self(stage, *inputs)
            if self.missing:
                raise _UnfinishedError
            return artefact

        return run


def check(item: Item) -> ItemResult:
    """`UP_TO_DATE` if every stage and every delivered file is there, else `TO_DO`.

    Raises:
        F2FError: the item can not be planned (bad input, no backend for the language).
    """
    store = open_store(item.config.store.path)
    steps = recipe.find(item.recipe)
    steps.look(item.video, item.config)

    def bind(config: Config) -> Runner:
        return _Looking(config, store).or_stop()

    try:
        ready = steps.prepare(item.video, item.config, bind)
    except _UnfinishedError:
        return ItemResult(name=item.name, status=ItemStatus.TO_DO)
    looking = _Looking(ready.config, store)
    made = steps.make(item.video, looking)
    if looking.missing or not _delivered(
        item, lambda output: steps.finish(made, ready, store, output).files
    ):
        return ItemResult(name=item.name, status=ItemStatus.TO_DO, ran=tuple(looking.missing))
    return ItemResult(name=item.name, status=ItemStatus.UP_TO_DATE, files=(item.output,))


def _delivered(item: Item, deliver: Callable[[Path], Sequence[Path]]) -> bool:
    """True if all that would be delivered lies there already, with the same content."""
    if not item.output.is_file():
        return False
    with tempfile.TemporaryDirectory(prefix="f2f-check-") as folder:
        return all(
            _lies_there(file, item.output.with_name(file.name))
            for file in deliver(Path(folder) / item.output.name)
        )


def _lies_there(file: Path, place: Path) -> bool:
    return any(
        other.is_file() and filecmp.cmp(file, other, shallow=False)
        for other in (place, destinations.beside(place))
    )
