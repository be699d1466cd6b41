"""Is an item complete?  By content: the keys of its stages and the bytes of its files."""

from __future__ import annotations

from dataclasses import dataclass, field

from f2f.config import Config
from f2f.store.artefacts import Artefact, Store
from f2f.store.remote import open_store
from f2f.store.stage import Bound, Input, Runner, Stage
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

        return Bound(self.config, run)


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
    if looking.missing or not steps.is_delivered(made, ready, store, item.output):
        return ItemResult(name=item.name, status=ItemStatus.TO_DO, ran=tuple(looking.missing))
    return ItemResult(name=item.name, status=ItemStatus.UP_TO_DATE, files=(item.output,))
