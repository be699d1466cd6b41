"""The batch as a Prefect flow: gives its items to workers and writes the summary."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import FlowRun
from prefect.runtime import flow_run
from prefect.states import Cancelled, Failed

from f2f import errors
from f2f.errors import StageError
from f2f.store import owners
from f2f.store.artefacts import Store
from f2f.store.remote import open_store
from flows.batch import Batch, BatchFailedError
from flows.book import Book
from flows.crew import Crew, WorkerLostError
from flows.items import Item, Row, Status
from flows.liveness import kept, reap
from flows.progress import Bar
from flows.schedule import SERVED_BY
from flows.summary import Summary
from flows.translate import slug
from flows.worker import Request, Wish, failed

Told = logging.Logger | logging.LoggerAdapter[Any]

_PAUSE = 2.0
"""Seconds before the second try of an item; each further one waits twice as long."""
_LOOK = 1.0
"""Seconds between two looks at the serving process."""
_RAISED = "Flow run encountered an exception: "
"""How Prefect begins the message of a failed run."""


def _run_name() -> str:
    options = flow_run.parameters["options"]
    return Batch.model_validate(options).name


@flow(name="batch", flow_run_name=_run_name, persist_result=False, validate_parameters=True)
def batch(options: Batch) -> Any:
    """Run every item of a batch.

    Args:
        options: sources, languages, workers and so on.

    Returns:
        The summary; or the state FAILED if some items failed, with a `BatchFailedError` that
        carries the summary; or the state CANCELLED if the same batch is still going.
    """
    _follow_the_server()
    listing = options.listing()
    rows: list[Row] = []
    if listing.items:
        store = open_store(listing.items[0].config.store.path)
        with store.claims.held(f"batch-{options.identity}") as mine:
            if not mine:
                return Cancelled(message="the previous run of this batch is still going")
            with kept(store):
                reap(store)
                store.sweep()
                rows = _work(options, listing.items, store, UUID(flow_run.id))
                reap(store)
                store.sweep()
    summary = Summary(rows=(*rows, *listing.bad))
    create_markdown_artifact(
        summary.markdown(), key=f"batch-{slug(options.name)}", description=options.name
    )
    if summary.failed:
        return Failed(message=summary.sentence, data=BatchFailedError(summary))
    return summary


def _follow_the_server() -> None:
    """End this served run when the process that serves it, and with it the server, is gone."""
    owner = owners.parse(os.environ.get(SERVED_BY, ""))
    if owner is None or owner == owners.here():
        return

    def look() -> None:
        while not owner.gone:
            time.sleep(_LOOK)
        os._exit(1)

    threading.Thread(target=look, name="served by", daemon=True).start()


class _Hands(Protocol):
    """Where items are worked on."""

    def check(self, item: Item) -> Row: ...

    def work(self, item: Item, attempt: int) -> Row: ...


def _work(options: Batch, items: tuple[Item, ...], store: Store, run_id: UUID) -> list[Row]:
    book = Book(run_id, store)
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(options.workers, "item"))
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)  # Ctrl-C: begin no more
        hands: _Hands
        if options.pool is None:
            hands = stack.enter_context(_Local(book, options.workers))
        else:
            hands = _Pool(book, options.pool, store)
        told = get_run_logger()  # of this run, also in the threads
        bar = Bar("items", interval=0.0)
        through = itertools.count()
        bar("items", next(through), len(items))

        def work(item: Item) -> Row:
            row = _item(item, hands, options.tries, told)
            bar("items", next(through), len(items))
            return row

        return list(pool.map(work, items))


def _item(item: Item, hands: _Hands, tries: int, told: Told) -> Row:
    started = time.monotonic()
    row = hands.check(item)
    attempt = 0
    while row.status is not Status.UP_TO_DATE and attempt < tries:
        if attempt:
            told.warning("%s: %s; trying again", item.name, row.error)
            time.sleep(_PAUSE * 2 ** (attempt - 1))
        attempt += 1
        row = hands.work(item, attempt)
        if not row.retry:
            break
    told.info("%s: %s", item.name, f"{row.status}: {row.error}" if row.error else row.status)
    return row.model_copy(update={"seconds": round(time.monotonic() - started, 2)})


class _Local:
    """Worker processes of this machine."""

    def __init__(self, book: Book, workers: int) -> None:
        self._book = book
        self._crew = Crew(workers)
        self._open: dict[UUID, FlowRun] = {}

    def __enter__(self) -> _Local:
        return self

    def __exit__(self, *_: object) -> None:
        self._crew.dismiss()
        for run in list(self._open.values()):
            self._book.close(run)

    def check(self, item: Item) -> Row:
        try:
            return self._crew.ask(Request(wish=Wish.CHECK, item=item))
        except WorkerLostError as error:
            return failed(item, error, 0.0)

    def work(self, item: Item, attempt: int) -> Row:
        if self._crew.dismissed:
            return failed(item, StageError("the batch was stopped"), 0.0)
        run = self._book.open(item, attempt)
        self._open[run.id] = run
        try:
            row = self._crew.ask(Request(wish=Wish.RUN, item=item, run_id=run.id))
        except WorkerLostError as error:
            row = failed(item, error, 0.0).model_copy(update={"retry": True})
        if row.status is Status.FAILED:
            self._book.close(run)
        self._open.pop(run.id, None)
        return row


class _Pool:
    """Workers of a Prefect work pool, on this or other machines."""

    def __init__(self, book: Book, deployment: str, store: Store) -> None:
        self._book = book
        self._deployment = deployment
        self._store = store

    def check(self, item: Item) -> Row:
        """The worker will see: this machine need not be able to plan the item."""
        return Row(name=item.name, status=Status.TO_DO)

    def work(self, item: Item, attempt: int) -> Row:
        run = self._book.send(item, attempt, self._deployment)
        state = self._book.wait(run, self._store)
        message = state.message or state.name or ""
        if state.is_completed():
            status = Status.UP_TO_DATE if message == Status.UP_TO_DATE else Status.DONE
            return Row(name=item.name, status=status, files=(item.output,))
        kind, _, text = message.removeprefix(_RAISED).partition(": ")
        known = getattr(errors, kind, None)
        return Row(
            name=item.name,
            status=Status.FAILED,
            error=text if known else message,
            exit_code=known.exit_code if known else 1,
            retry=state.is_crashed(),
        )
