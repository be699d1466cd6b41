"""The flow runs of one batch: a run for each try of an item, under the batch's own run.

The batch outlives a server that restarts: every call is tried again for `PATIENCE` seconds.  A
reply that is lost on the way costs nothing: a run is made under a key, and asking again for the
same key finds the run that is there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import httpx
from prefect import Flow, Task
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import FlowRunCreate
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound
from prefect.states import Pending, to_state_create

from f2f.errors import ConfigError
from f2f.store.artefacts import Store
from f2f.store.digests import digest_json
from flows.items.item import Item
from flows.tracking.liveness import TAG, batch_tag, end, reap, store_tag

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = 300.0
"""Seconds for which a server may be away."""
_LOOK = 2.0
_REAP_EVERY = 15


class FlowRuns:
    """Flow runs of one batch.

    Args:
        flow: what is run for an item; its one parameter is `item`.
        batch_run: the batch's own flow run, shown as their parent.
        store: the store of the batch, whose claims tell which runs live.
    """

    def __init__(self, flow: Flow[..., Any], batch_run: UUID, store: Store) -> None:
        self._flow = flow
        self._batch = batch_run
        self._store = store
        self._tags = [TAG, store_tag(store)]

    def create(self, item: Item, attempt: int) -> FlowRun:
        """The run of a try of an item, to be taken up by a local worker."""

        def create(client: SyncPrefectClient) -> FlowRun:
            run = FlowRunCreate(
                flow_id=client.create_flow(self._flow),
                flow_version=self._flow.version,
                name=_name(item, attempt),
                parameters={"item": item.model_dump(mode="json")},
                tags=[*self._tags, batch_tag(self._batch)],
                parent_task_run_id=self._placeholder(client, item, attempt),
                idempotency_key=self._key(item, attempt),
                state=to_state_create(Pending()),
            )
            # the client's own method knows no key
            body = run.model_dump(mode="json", exclude_unset=True)
            reply = client.request("POST", "/flow_runs/", json=body)
            return FlowRun.model_validate(reply.json())

        return patiently(create)

    def send(self, item: Item, attempt: int, deployment: str) -> FlowRun:
        """The run of a try of an item, to be taken up by a worker of the deployment's work pool.

        Raises:
            ConfigError: there is no such deployment.
        """

        def create(client: SyncPrefectClient) -> FlowRun:
            try:
                known = client.read_deployment_by_name(deployment)
            except ObjectNotFound as error:
                raise ConfigError(
                    f"there is no deployment '{deployment}': run `f2f deploy` first"
                ) from error
            return client.create_flow_run_from_deployment(
                known.id,
                parameters={"item": item.model_dump(mode="json")},
                name=_name(item, attempt),
                tags=self._tags,
                parent_task_run_id=self._placeholder(client, item, attempt),
                idempotency_key=self._key(item, attempt),
            )

        return patiently(create)

    def wait(self, run: FlowRun) -> State[Any]:
        """The final state of a sent run; a run whose machine is gone is ended on the way."""
        looks = 0
        while True:
            state = patiently(lambda client: client.read_flow_run(run.id)).state
            if state is not None and state.is_final():
                return state
            time.sleep(_LOOK)
            looks += 1
            if looks % _REAP_EVERY == 0:
                self._reap()

    def close(self, run: FlowRun) -> None:
        """The run is over; if nobody could say so, its worker is gone: not RUNNING for ever."""

        def settle(client: SyncPrefectClient) -> None:
            state = client.read_flow_run(run.id).state
            if state is None or not state.is_final():
                end(client, run)

        patiently(settle)

    def _reap(self) -> None:
        try:
            patiently(lambda _client: reap(self._store))
        except Exception as error:  # store or server out of reach: the run itself may well go on
            log.warning("dead runs were not looked for: %s", error)

    def _key(self, item: Item, attempt: int) -> str:
        return digest_json([str(self._batch), str(item.output), attempt])

    def _placeholder(self, client: SyncPrefectClient, item: Item, attempt: int) -> UUID:
        """The task run that stands for the item in the batch's page."""
        task: Task[[], None] = Task(fn=_nothing, name=item.name)
        run = client.create_task_run(
            task=task,
            flow_run_id=self._batch,
            dynamic_key=f"{item.output}-{attempt}",
            name=_name(item, attempt),
            state=Pending(),
        )
        return run.id


def patiently(call: Callable[[SyncPrefectClient], T]) -> T:
    """Call the server, again and again while it is away."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with get_client(sync_client=True) as client:
                return call(client)
        except (httpx.TransportError, RuntimeError) as error:
            if time.monotonic() > until or not _away(error):
                raise
            log.warning("the Prefect server is away: %s", error)
            time.sleep(_LOOK)


def _away(error: BaseException | None) -> bool:
    """True if a connection failed; Prefect's first call says so by a `RuntimeError` from it."""
    while error is not None:
        if isinstance(error, httpx.TransportError):
            return True
        error = error.__cause__
    return False


def _name(item: Item, attempt: int) -> str:
    return item.name if attempt == 1 else f"{item.name} (try {attempt})"


def _nothing() -> None:
    """The body of a placeholder: the item's own run does the work."""
