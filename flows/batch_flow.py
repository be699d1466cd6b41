"""The batch as a Prefect flow: gives its items to workers and writes the summary."""

from __future__ import annotations

import contextlib
import itertools
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run
from prefect.states import Cancelled, Failed

from f2f.store.artefacts import Store
from f2f.store.remote import open_store
from flows.items.item import Item, ItemResult, ItemStatus, failed
from flows.items.options import BatchOptions
from flows.items.summary import BatchFailedError, BatchSummary
from flows.tasks.progress import ProgressBar
from flows.tracking import served
from flows.tracking.flow_runs import FlowRuns
from flows.tracking.liveness import kept, reap
from flows.translate import slug, translate
from flows.workers.executors import Executor, LocalExecutor, WorkPoolExecutor

Logger = logging.Logger | logging.LoggerAdapter[Any]

_PAUSE = 2.0
"""Seconds before the second try of an item; each further one waits twice as long."""


def _run_name() -> str:
    return BatchOptions.model_validate(flow_run.parameters["options"]).name


@flow(name="batch", flow_run_name=_run_name, persist_result=False, validate_parameters=True)
def batch(options: BatchOptions) -> Any:
    """Run every item of a batch.

    Args:
        options: sources, languages, workers and so on.

    Returns:
        The summary; or the state FAILED if some items failed, with a `BatchFailedError` that
        carries the summary; or the state CANCELLED if the same batch is still going.
    """
    served.follow()
    listing = options.listing()
    results: list[ItemResult] = []
    if listing.items:
        store = open_store(listing.items[0].config.store.path)
        with store.claims.held(f"batch-{options.identity}") as claim:
            if not claim:
                return Cancelled(message="the previous run of this batch is still going")
            with kept(store):
                _tidy(store)
                results = _work(options, listing.items, store)
                _tidy(store)
            if claim.lost:
                get_run_logger().warning("this batch was taken for dead: another may have begun it")
    summary = BatchSummary(results=(*results, *listing.bad))
    create_markdown_artifact(
        summary.markdown(), key=f"batch-{slug(options.name)}", description=options.name
    )
    if summary.failed:
        return Failed(message=summary.sentence, data=BatchFailedError(summary))
    return summary


def _tidy(store: Store) -> None:
    """End runs whose process is gone, and remove what they left in the store."""
    reap(store)
    store.sweep()


def _work(options: BatchOptions, items: tuple[Item, ...], store: Store) -> list[ItemResult]:
    flow_runs = FlowRuns(translate, UUID(flow_run.id), store)
    with contextlib.ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(options.workers, "item"))
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)  # Ctrl-C: begin no more
        executor: Executor
        if options.pool is None:
            executor = stack.enter_context(LocalExecutor(flow_runs, options.workers))
        else:
            executor = WorkPoolExecutor(flow_runs, options.pool)
        logger = get_run_logger()  # of this run, also in the threads
        bar = ProgressBar("items", interval=0.0)
        through = itertools.count()
        bar("items", next(through), len(items))

        def work(item: Item) -> ItemResult:
            result = _item(item, executor, options.tries, logger)
            bar("items", next(through), len(items))
            return result

        return list(threads.map(work, items))


def _item(item: Item, executor: Executor, tries: int, logger: Logger) -> ItemResult:
    started = time.monotonic()
    try:
        result = _tried(item, executor, tries, logger)
    except Exception as error:  # such as a server that stays away: the others go on
        logger.exception("%s", item.name)
        result = failed(item.name, error)
    outcome = f"{result.status}: {result.error}" if result.error else result.status
    logger.info("%s: %s", item.name, outcome)
    return result.model_copy(update={"seconds": round(time.monotonic() - started, 2)})


def _tried(item: Item, executor: Executor, tries: int, logger: Logger) -> ItemResult:
    result = executor.check(item)
    if result.status is ItemStatus.UP_TO_DATE:
        return result
    for attempt in range(1, tries + 1):
        if attempt > 1:
            logger.warning("%s: %s; trying again", item.name, result.error)
            time.sleep(_PAUSE * 2 ** (attempt - 2))
        result = executor.run(item, attempt)
        if not result.retry:
            break
    return result
