"""One video into one language as a Prefect flow: the stages of the command line, each a task."""

from __future__ import annotations

import logging
import re
import time
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run
from prefect.states import Completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from f2f.errors import ConfigError, MissingError
from f2f.store.artefacts import Store
from f2f.store.remote import open_store
from flows.items import recipe
from flows.items.item import Item, ItemResult, ItemStatus, failed
from flows.tasks.runner import PrefectRunner, StageResult
from flows.tracking.liveness import kept
from flows.tracking.results import record

log = logging.getLogger(__name__)

_BRANCHES = 4
"""Threads of a flow run: two branches, and room for stages that wait."""


def _run_name() -> str:
    item = Item.model_validate(flow_run.parameters["item"])
    given = str(flow_run.name or "")
    return given if given.startswith(item.name) else item.name  # the batch counts its tries


@flow(name="translate", flow_run_name=_run_name, persist_result=False, log_prints=False)
def translate(item: Item) -> Any:
    """Translate one video into one language.

    Args:
        item: video, output, strictly checked options.

    Returns:
        The item's result, in a completed state that says how it was.  It is also recorded with
        the run, failed or not, for a batch on another machine.

    Raises:
        F2FError: of the first stage that failed.
    """
    started = time.monotonic()
    try:
        result = _translate(item)
    except Exception as error:
        _record(failed(item.name, error, time.monotonic() - started))
        raise
    seconds = round(time.monotonic() - started, 2)
    result = result.model_copy(update={"seconds": seconds})
    _record(result)
    return Completed(data=result, message=str(result.status))


def _translate(item: Item) -> ItemResult:
    store = open_store(item.config.store.path)
    steps = recipe.find(item.recipe)
    with kept(store):
        run = PrefectRunner(item.config, item.recipe, item.name)
        ready = steps.prepare(
            item.video, item.config, lambda config: run.with_config(config).waiting()
        )
        run = run.with_config(ready.config)
        built = steps.make(item.video, run)
        made = run.finish()
        delivered = steps.finish(built, ready, store, item.output)
        result = ItemResult(
            name=item.name,
            status=ItemStatus.DONE if any(each.ran for each in made) else ItemStatus.UP_TO_DATE,
            ran=tuple(each.artefact.stage for each in made if each.ran),
            files=delivered.files,
        )
        create_markdown_artifact(
            _report(item, result, made, delivered.summary, store),
            key=f"report-{slug(item.name)}",
            description=item.name,
        )
    return result


def _record(result: ItemResult) -> None:
    try:
        record(result)
    except Exception as error:  # whatever the client raises: what was made is made
        log.warning("the result of %s is not recorded: %s", result.name, error)


def run_item(item: Item, flow_run_object: Any = None) -> ItemResult:
    """Run the flow in this process with the task runner that the item asks for."""
    from prefect.flow_engine import run_flow_sync

    named = translate.with_options(task_runner=_task_runner(item.dask))
    result = run_flow_sync(named, flow_run=flow_run_object, parameters={"item": item})
    assert isinstance(result, ItemResult)
    return result


def slug(name: str) -> str:
    """A name as an artifact key: lower case, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _task_runner(dask: str | None) -> TaskRunner[Any]:
    if dask is None:
        return ThreadPoolTaskRunner(max_workers=_BRANCHES)
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise MissingError("Dask is not installed: pip install 'face-to-face[dask]'") from error
    if dask == "local":
        return DaskTaskRunner(cluster_kwargs={"n_workers": 2, "threads_per_worker": 1})
    if "://" not in dask:
        raise ConfigError(f"'{dask}' is no Dask address: give 'local' or tcp://HOST:PORT")
    return DaskTaskRunner(address=dask)


def _report(
    item: Item, result: ItemResult, made: list[StageResult], summary: str, store: Store
) -> str:
    lines = [
        f"# {item.name}",
        "",
        *summary.splitlines(),
        "",
        "| stage | now | made in | artefact |",
        "| --- | --- | --- | --- |",
    ]
    for each in made:
        meta = store.meta(each.artefact)
        now = "ran" if each.ran else "found in the store"
        if each.ran and meta.get("repaired"):
            now = "**made again: the stored one was damaged**"
        key = f"`{each.artefact.stage}/{each.artefact.key}`"
        lines.append(f"| {each.artefact.stage} | {now} | {meta['seconds']:.1f} s | {key} |")
    lines += ["", *(f"- [{file.name}]({file.absolute().as_uri()})" for file in result.files)]
    return "\n".join(lines)
