"""The runner that gives stages to Prefect: each a task, sent as soon as what it needs is done.

A stage's reference is known before it has run, so the pipeline runs through at once and leaves a
graph of futures: the speech branch and the face branch go side by side without either knowing.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import partial

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.tasks import exponential_backoff

from f2f.config import Config
from f2f.errors import StageError
from f2f.store.artefacts import Artefact
from f2f.store.remote import open_store
from f2f.store.stage import Bound, Input, Runner, Stage, produce
from flows.items import recipe
from flows.retries import retry_task
from flows.tasks.concurrency import Concurrency, tags
from flows.tasks.progress import ProgressBar

RETRIES = 3
_FIRST_RETRY = 5
"""Seconds before the first retry; each further one waits twice as long."""


@dataclass(frozen=True, slots=True)
class StageCall:
    """Everything a worker needs to make one artefact; small and plain."""

    recipe: str
    stage: str
    """Name of one of the recipe's stages."""
    artefact: Artefact
    inputs: tuple[Input, ...]
    config: Config


@dataclass(frozen=True, slots=True)
class StageResult:
    """A task's result: the reference, and whether the work was done now."""

    artefact: Artefact
    ran: bool


@task(
    retries=RETRIES,
    retry_delay_seconds=exponential_backoff(_FIRST_RETRY),
    retry_jitter_factor=0.5,
    retry_condition_fn=retry_task,
    persist_result=False,
    cache_policy=NO_CACHE,
)
def make(call: StageCall) -> StageResult:
    """Make one artefact, or find it; the body of every task.

    Raises:
        StageError: this machine would make something else under the same name.
        F2FError: whatever the stage raises.
    """
    stage = recipe.find(call.recipe).stage(call.stage)
    own = stage.artefact(call.config, *call.inputs)
    if own != call.artefact:
        raise StageError(
            f"{stage.name}: this machine's weights, files or version differ from those of the "
            "machine that planned the run; install the same release and run `f2f models verify`"
        )
    store = open_store(call.config.store.path)
    bar = ProgressBar(stage.name)

    _, ran = produce(
        stage,
        call.inputs,
        call.config,
        store,
        progress=bar,
        permit=partial(Concurrency(store.claims).slot, stage.name),
    )
    bar.finish()
    return StageResult(call.artefact, ran)


@dataclass
class PrefectRunner:
    """A `Runner` inside a flow: submits, and answers with the reference at once.

    Args:
        config: options without `auto`.
        recipe: whose stages are run.
        label: the file and the language, for the names of the task runs.
        futures: what was submitted, in the pipeline's call.
    """

    config: Config
    recipe: str
    label: str
    futures: dict[Artefact, PrefectFuture[StageResult]] = field(default_factory=dict)

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        """Submit a stage behind the tasks that make its inputs, once."""
        artefact = stage.artefact(self.config, *inputs)
        if artefact not in self.futures:
            call = StageCall(self.recipe, stage.name, artefact, inputs, self.config)
            needs = [
                self.futures[item]
                for item in inputs
                if isinstance(item, Artefact) and item in self.futures
            ]
            named = make.with_options(
                name=stage.name,
                task_run_name=f"{stage.name} {self.label}",
                tags=tags(stage.name),
            )
            self.futures[artefact] = named.submit(call, return_state=False, wait_for=needs)
        return artefact

    def with_config(self, config: Config) -> PrefectRunner:
        """The same run with another configuration; what was submitted stays known."""
        return dataclasses.replace(self, config=config)

    def waiting(self) -> Runner:
        """A runner that also waits: for a plan that depends on what a stage finds."""

        def run(stage: Stage, *inputs: Input) -> Artefact:
            artefact = self(stage, *inputs)
            self.futures[artefact].result()
            return artefact

        return Bound(self.config, run)

    def finish(self) -> list[StageResult]:
        """Wait for all; what was made, in the pipeline's call.

        Raises:
            F2FError: of the first stage that failed; what depends on it was not tried.
        """
        for future in self.futures.values():
            future.wait()
        failed = [future for future in self.futures.values() if future.state.is_failed()]
        failed += [future for future in self.futures.values() if future.state.is_crashed()]
        for future in failed:
            future.result()
        return [future.result() for future in self.futures.values()]
