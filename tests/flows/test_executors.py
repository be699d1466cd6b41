from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

import pytest

from f2f.errors import InputError, StageError, StoreError
from flows.items.item import Item, ItemResult, ItemStatus, failed
from flows.items.options import BatchOptions

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

    from flows.tracking.flow_runs import FlowRuns

pytest.importorskip("prefect")

BAD = failed("a", InputError("nobody speaks in it"))
FULL = failed("a", StoreError("no space"))
BROKEN = failed("a", ConnectionResetError("the line broke"))
DONE = ItemResult(name="a", status=ItemStatus.DONE, ran=("ingest",))


@pytest.fixture
def item(course: BatchOptions) -> Item:
    return course.listing().items[0]


def outcome(
    item: Item, monkeypatch: pytest.MonkeyPatch, state: State[Any], recorded: ItemResult | None
) -> ItemResult:
    """What the batch makes of a run that ended so and has recorded that."""
    from flows.workers import executors

    class Ended:
        def send(self, *_: object) -> None:
            return None

        def wait(self, _run: object) -> State[Any]:
            return state

    monkeypatch.setattr(executors, "patiently", lambda _call: recorded)
    return executors.WorkPoolExecutor(cast("FlowRuns", Ended()), "translate/f2f").run(item, 1)


@pytest.mark.parametrize("recorded", [BAD, FULL, BROKEN])
def test_a_failure_is_what_the_worker_has_recorded_whatever_the_message(
    item: Item, monkeypatch: pytest.MonkeyPatch, recorded: ItemResult
) -> None:
    from prefect.states import Failed

    state = Failed(message="Flow run encountered an exception: ConfigError: in other words")
    assert outcome(item, monkeypatch, state, recorded) == recorded
    assert (BAD.exit_code, FULL.exit_code, BROKEN.exit_code) == (2, 6, 1)
    assert (BAD.retry, FULL.retry, BROKEN.retry) == (False, False, True)


def test_what_was_done_is_what_the_worker_has_recorded(
    item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.states import Completed

    assert outcome(item, monkeypatch, Completed(message="up to date"), DONE) == DONE


def test_a_run_that_recorded_nothing_has_failed_and_a_crash_is_tried_again(
    item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.states import Cancelled, Completed, Crashed

    crashed = outcome(item, monkeypatch, Crashed(message="The worker process is gone."), None)
    assert crashed.retry and "The worker process is gone." in crashed.error
    assert crashed.exit_code == StageError.exit_code
    for state in (Cancelled(), Completed()):
        ended = outcome(item, monkeypatch, state, None)
        assert ended.status is ItemStatus.FAILED and not ended.retry
    # a result from before the crash is not believed
    assert outcome(item, monkeypatch, Crashed(), DONE).status is ItemStatus.FAILED


def test_an_unforeseen_error_over_one_item_is_its_result_not_the_end_of_the_batch(
    item: Item,
) -> None:
    from flows.batch_flow import _item

    class Broken:
        def check(self, _item: Item) -> ItemResult:
            raise RuntimeError("the server stays away")

        def run(self, _item: Item, _attempt: int) -> ItemResult:
            raise AssertionError("not reached")

    result = _item(item, Broken(), 3, logging.getLogger("test"))
    assert result.status is ItemStatus.FAILED and "stays away" in result.error
