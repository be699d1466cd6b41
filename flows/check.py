"""Is an item complete?  By content: the keys of its stages, not the names of its files."""

from __future__ import annotations

from dataclasses import dataclass, field

from f2f.config import Config
from f2f.stage import Input, Runner, Stage
from f2f.store import Artefact, Store, digest_file
from f2f.store_remote import open_store
from flows import recipe
from flows.items import Item, Row, Status


class _UnfinishedError(Exception):
    """A stage that has to run before anything further can be said."""


@dataclass
class _Looking:
    """A runner that runs nothing: it only notes what is not there."""

    config: Config
    store: Store
    missing: list[str] = field(default_factory=list)
    last: Artefact | None = None

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        self.last = stage.artefact(self.config, *inputs)
        if not self.store.has(self.last) and stage.name not in self.missing:
            self.missing.append(stage.name)
        return self.last

    def or_stop(self) -> Runner:
        def run(stage: Stage, *inputs: Input) -> Artefact:
            artefact = self(stage, *inputs)
            if self.missing:
                raise _UnfinishedError
            return artefact

        return run


def check(item: Item) -> Row:
    """`UP_TO_DATE` if every stage and every delivered file is there, else `TO_DO`.

    Raises:
        F2FError: the item can not be planned (bad input, no backend for the language).
    """
    store = open_store(item.config.store.path)
    steps = recipe.find(item.recipe)

    def bind(config: Config) -> Runner:
        return _Looking(config, store).or_stop()

    try:
        ready = steps.prepare(item.video, item.config, bind)
    except _UnfinishedError:
        return Row(name=item.name, status=Status.TO_DO)
    looking = _Looking(ready.config, store)
    steps.make(item.video, looking)
    if looking.missing or looking.last is None or not _delivered(item, looking.last, store):
        return Row(name=item.name, status=Status.TO_DO, ran=tuple(looking.missing))
    return Row(name=item.name, status=Status.UP_TO_DATE, files=(item.output,))


def _delivered(item: Item, result: Artefact, store: Store) -> bool:
    """True if the output is there with the content of the result."""
    if not item.output.is_file():
        return False
    digests: dict[str, str] = store.meta(result)["files"]
    return digest_file(item.output) in digests.values()
