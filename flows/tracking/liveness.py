"""Whether a run is really going: each keeps a claim in the store, and a reaper ends the dead ones.

Prefect cannot know that a process was killed; its claim can: at once on the same machine, after
its expiry from elsewhere.  So no run stays RUNNING for ever.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
    TaskRunFilterSubFlowRuns,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.runtime import flow_run
from prefect.states import Crashed

from f2f.store.artefacts import Store

log = logging.getLogger(__name__)

TAG = "f2f"
"""Tag of every flow run of this system."""
_GOING = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
_GONE = "The worker process is gone."
_BATCH = "batch:"


def kept(store: Store) -> AbstractContextManager[object]:
    """Inside a flow: hold the sign of life of its run, and tag it so that the reaper finds it."""
    run_id = flow_run.id
    wanted = {TAG, store_tag(store)}
    if not wanted <= set(flow_run.tags):
        with get_client(sync_client=True) as client:
            client.update_flow_run(run_id, tags=wanted.union(flow_run.tags))
    return store.claims.kept(_claim(run_id))


def reap(store: Store) -> list[FlowRun]:
    """Mark runs of this store whose process is gone as crashed, with their tasks; returns them.

    A run that has given no sign yet is spared while its batch lives, or if it belongs to none,
    for as long as a sign lasts.
    """
    with get_client(sync_client=True) as client:
        dead = [
            run
            for run in client.read_flow_runs(flow_run_filter=_in_state(store, _GOING))
            if not _alive(store, run)
        ]
        for run in dead:
            log.warning("run %s (%s) has lost its worker: marked as crashed", run.name, run.id)
            end(client, run)
        # what a worker said last may be written down after its run was ended
        _end_tasks(client, _in_state(store, [StateType.CRASHED]))
    return dead


def end(client: SyncPrefectClient, run: FlowRun) -> None:
    """The run and its tasks are over, and their process cannot say so."""
    _end_tasks(client, FlowRunFilter(id=FlowRunFilterId(any_=[run.id])))
    client.set_flow_run_state(run.id, _crashed(), force=True)


def store_tag(store: Store) -> str:
    """Tag that says which store a run belongs to: its claims are there."""
    return f"store:{store.claims.root.rpartition('/')[0]}"


def batch_tag(batch_run_id: Any) -> str:
    """Tag of a run that lives and dies with its batch."""
    return f"{_BATCH}{batch_run_id}"


def _in_state(store: Store, types: list[StateType]) -> FlowRunFilter:
    return FlowRunFilter(
        tags=FlowRunFilterTags(all_=[TAG, store_tag(store)]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=types)),
    )


def _end_tasks(client: SyncPrefectClient, runs: FlowRunFilter) -> None:
    """End what is open of the runs' tasks; one that stands for a run follows that run's state."""
    types = TaskRunFilterStateType(any_=[StateType.SCHEDULED, *_GOING])
    tasks = client.read_task_runs(
        flow_run_filter=runs,
        task_run_filter=TaskRunFilter(
            state=TaskRunFilterState(type=types),
            subflow_runs=TaskRunFilterSubFlowRuns(exists_=False),
        ),
    )
    for task in tasks:
        client.set_task_run_state(task.id, _crashed(), force=True)


def _crashed() -> State[None]:
    return Crashed(message=_GONE)


def _claim(run_id: Any) -> str:
    return f"run-{run_id}"


def _alive(store: Store, run: FlowRun) -> bool:
    sign = store.claims.sign(_claim(run.id))
    if sign is not None:
        return sign
    for tag in run.tags:
        if tag.startswith(_BATCH):
            return bool(store.claims.sign(_claim(tag.removeprefix(_BATCH))))
    # a run may have waited long for a worker: what counts is since when it is at a worker
    since = run.state.timestamp if run.state is not None else run.created
    return since is None or (datetime.now(UTC) - since).total_seconds() < store.claims.ttl
