"""Whether a run is really going: each keeps a claim in the store, and a reaper ends the dead ones.

Prefect cannot know that a process was killed; the claim can (`f2f.claims`): at once on the same
machine, after its expiry from elsewhere.  So no run stays RUNNING for ever.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.runtime import flow_run
from prefect.states import Crashed

from f2f.store import Store

log = logging.getLogger(__name__)

TAG = "f2f"
"""Tag of every flow run of this system."""
_GOING = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
_BATCH = "batch:"


def kept(store: Store) -> AbstractContextManager[None]:
    """Inside a flow: hold the sign of life of its run, and tag it so that the reaper finds it."""
    run_id = flow_run.id
    wanted = {TAG, store_tag(store)}
    if not wanted <= set(flow_run.tags):
        with get_client(sync_client=True) as client:
            client.update_flow_run(run_id, tags=wanted.union(flow_run.tags))
    return store.claims.kept(_claim(run_id))


def reap(store: Store) -> list[FlowRun]:
    """Mark runs of this store whose process is gone as crashed; returns them.

    A run that has given no sign yet is spared while its batch lives, or if it belongs to none,
    for as long as a sign lasts.
    """
    with get_client(sync_client=True) as client:
        going = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                tags=FlowRunFilterTags(all_=[TAG, store_tag(store)]),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_GOING))),
            )
        )
        dead = [run for run in going if not _alive(store, run)]
        for run in dead:
            log.warning("run %s (%s) has lost its worker: marked as crashed", run.name, run.id)
            state: State[None] = Crashed(message="The worker process is gone (no sign of life).")
            client.set_flow_run_state(run.id, state, force=True)
    return dead


def store_tag(store: Store) -> str:
    """Tag that says which store a run belongs to: its claims are there."""
    return f"store:{store.claims.root}"


def batch_tag(batch_run_id: Any) -> str:
    """Tag of a run that lives and dies with its batch."""
    return f"{_BATCH}{batch_run_id}"


def _claim(run_id: Any) -> str:
    return f"run-{run_id}"


def _alive(store: Store, run: FlowRun) -> bool:
    sign = store.claims.sign(_claim(run.id))
    if sign is not None:
        return sign
    for tag in run.tags:
        if tag.startswith(_BATCH):
            return bool(store.claims.sign(_claim(tag.removeprefix(_BATCH))))
    since = run.start_time or run.created
    return since is None or (datetime.now(UTC) - since).total_seconds() < store.claims.ttl
