from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from f2f.errors import StoreError
from f2f.store.artefacts import Store
from flows.items.item import Item
from flows.items.options import BatchOptions
from flows.schedule import Target, deploy

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

    from flows.tracking.flow_runs import FlowRuns

Create = Callable[["FlowRuns", Item, int], "FlowRun"]


@pytest.fixture
def flow_runs(server: str, tmp_path: Path) -> FlowRuns:
    assert server
    from prefect.client.orchestration import get_client

    from flows.batch_flow import batch
    from flows.tracking.flow_runs import FlowRuns
    from flows.translate import translate

    with get_client(sync_client=True) as client:
        parent = client.create_flow_run(batch)
    return FlowRuns(translate, parent.id, Store(tmp_path / "store"))


@pytest.fixture
def lost_replies(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first reply to each kind of POST arrives at the server and is lost on the way back."""
    from prefect.client.base import PrefectHttpxSyncClient

    from flows.tracking import flow_runs

    lost: list[str] = []
    send = PrefectHttpxSyncClient.send

    def losing(self: PrefectHttpxSyncClient, request: httpx.Request, **options: object) -> object:
        reply = send(self, request, **options)  # type: ignore[arg-type]
        last = request.url.path.rstrip("/").rpartition("/")[2]
        if request.method == "POST" and last not in [*lost, "filter"]:
            lost.append(last)
            raise httpx.ReadError("the line broke", request=request)
        return reply

    monkeypatch.setattr(PrefectHttpxSyncClient, "send", losing)
    monkeypatch.setattr(flow_runs, "_LOOK", 0.01)
    return lost


def runs_of(flow_runs: FlowRuns) -> list[str]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags

    tagged = FlowRunFilter(tags=FlowRunFilterTags(all_=flow_runs._tags))
    with get_client(sync_client=True) as client:
        return sorted(run.name for run in client.read_flow_runs(flow_run_filter=tagged))


def create(runs: FlowRuns, item: Item, attempt: int) -> FlowRun:
    return runs.create(item, attempt)


def send(runs: FlowRuns, item: Item, attempt: int) -> FlowRun:
    return runs.send(item, attempt, "translate/lost")


@pytest.mark.slow
@pytest.mark.parametrize("make", [create, send])
def test_a_lost_reply_makes_no_second_run(
    make: Create,
    flow_runs: FlowRuns,
    course: BatchOptions,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    deploy(course, Target(pool="lost", name="lost"))
    lost = request.getfixturevalue("lost_replies")
    item = course.listing().items[0]
    first = make(flow_runs, item, 1)
    assert lost  # what was asked for again
    assert make(flow_runs, item, 1).id == first.id
    assert make(flow_runs, item, 2).id != first.id
    assert runs_of(flow_runs) == ["v0.mp4 → hi", "v0.mp4 → hi (try 2)"]


def test_only_a_broken_connection_means_that_the_server_is_away() -> None:
    pytest.importorskip("prefect")
    from flows.tracking.flow_runs import _away

    refused = httpx.ConnectError("refused")
    unreachable = RuntimeError("in whatever words")
    unreachable.__cause__ = refused
    assert _away(refused) and _away(unreachable)
    assert not _away(RuntimeError("Failed to reach API")) and not _away(StoreError("full"))


@pytest.mark.slow
def test_a_run_is_waited_for_though_dead_ones_cannot_be_looked_for(
    flow_runs: FlowRuns,
    course: BatchOptions,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from prefect.client.orchestration import get_client
    from prefect.states import Completed

    from flows.tracking import flow_runs as module

    run = flow_runs.create(course.listing().items[0], 1)

    def unreachable(_store: Store) -> None:
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(run.id, Completed(), force=True)
        raise StoreError("cannot reach the store")

    monkeypatch.setattr(module, "_LOOK", 0.01)
    monkeypatch.setattr(module, "reap", unreachable)
    assert flow_runs.wait(run).is_completed()
    assert "cannot reach the store" in caplog.text
