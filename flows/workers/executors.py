"""Where a batch's items are worked on: in processes of this machine, or in a Prefect work pool."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from prefect.client.schemas.objects import FlowRun

from f2f.errors import StageError
from flows.items.item import Item, ItemResult, ItemStatus, failed
from flows.tracking.flow_runs import FlowRuns, patiently
from flows.tracking.results import recorded
from flows.workers.requests import Action, Request
from flows.workers.worker_pool import WorkerLostError, WorkerPool


class Executor(Protocol):
    """Where items are worked on."""

    def check(self, item: Item) -> ItemResult:
        """Is it complete?"""

    def run(self, item: Item, attempt: int) -> ItemResult:
        """Work on it; a failure is a result."""


class LocalExecutor:
    """Worker processes of this machine, for the length of a `with` block."""

    def __init__(self, flow_runs: FlowRuns, workers: int) -> None:
        self._flow_runs = flow_runs
        self._pool = WorkerPool(workers)
        self._open: dict[UUID, FlowRun] = {}

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.stop()
        for run in list(self._open.values()):
            self._flow_runs.close(run)

    def check(self, item: Item) -> ItemResult:
        """Is it complete?  Looked at by a worker, whose imports are warm."""
        try:
            return self._pool.run(Request(action=Action.CHECK, item=item))
        except WorkerLostError as error:
            return failed(item.name, error)

    def run(self, item: Item, attempt: int) -> ItemResult:
        """Work on it in a flow run of its own; the loss of the worker may pass."""
        if self._pool.stopped:
            return failed(item.name, StageError("the batch was stopped"))
        run = self._flow_runs.create(item, attempt)
        self._open[run.id] = run
        try:
            result = self._pool.run(Request(action=Action.RUN, item=item, run_id=run.id))
        except WorkerLostError as error:
            result = failed(item.name, error).model_copy(update={"retry": True})
        if result.status is ItemStatus.FAILED:
            self._flow_runs.close(run)
        self._open.pop(run.id, None)
        return result


class WorkPoolExecutor:
    """Workers of a Prefect work pool, on this or other machines."""

    def __init__(self, flow_runs: FlowRuns, deployment: str) -> None:
        self._flow_runs = flow_runs
        self._deployment = deployment

    def check(self, item: Item) -> ItemResult:
        """The worker will see: this machine need not be able to plan the item."""
        return ItemResult(name=item.name, status=ItemStatus.TO_DO)

    def run(self, item: Item, attempt: int) -> ItemResult:
        """Send it, wait, and read what the worker has recorded."""
        run = self._flow_runs.send(item, attempt, self._deployment)
        state = self._flow_runs.wait(run)
        result = patiently(lambda client: recorded(client, run))
        if result is not None and (state.is_completed() or result.status is ItemStatus.FAILED):
            return result
        ended = StageError(f"its run ended as {state.name}: {state.message or 'without a reason'}")
        return failed(item.name, ended).model_copy(update={"retry": state.is_crashed()})
