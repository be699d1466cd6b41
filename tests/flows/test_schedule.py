from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flows_harness import log_of

from f2f.errors import ConfigError, InputError
from flows import server
from flows.batch import run
from flows.items.item import ItemStatus
from flows.items.options import BatchOptions
from flows.schedule import Target, Timetable, _schedule, deploy, serve

SERVE = """
import sys
from flows.items.options import BatchOptions
from flows.schedule import Timetable, serve
options = BatchOptions.model_validate_json(sys.argv[1])
serve(options, Timetable(cron="* * * * *", timezone="Asia/Kolkata"))
"""


@pytest.mark.parametrize(
    ("clock", "why"),
    [
        (Timetable(cron="0 1 * *"), "is no cron line"),
        (Timetable(cron="61 1 * * *"), "is no cron line"),
        (Timetable(cron="0 1 * * *", timezone="Asia/Bombay City"), "no time zone"),
    ],
)
def test_a_bad_clock_is_refused(course: BatchOptions, clock: Timetable, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        serve(course, clock)


def test_a_source_that_is_not_there_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to translate"):
        serve(BatchOptions(sources=(str(tmp_path / "*.mp4"),)), Timetable(cron="0 1 * * *"))


async def _next(clock: Timetable, after: datetime) -> datetime:
    from prefect.server.schemas.schedules import CronSchedule

    schedule = _schedule(clock)
    there = CronSchedule(cron=schedule.cron, timezone=schedule.timezone)  # as the server reads it
    dates = await there.get_dates(1, start=after)
    return dates[0]


def test_one_o_clock_in_india_is_half_past_seven_in_the_evening_in_greenwich() -> None:
    clock = Timetable(cron="0 1 * * *", timezone="Asia/Kolkata")
    due = asyncio.run(_next(clock, datetime(2026, 3, 1, tzinfo=UTC)))
    assert due.astimezone(UTC) == datetime(2026, 3, 1, 19, 30, tzinfo=UTC)


def test_summer_time_is_followed() -> None:
    clock = Timetable(cron="0 1 * * *", timezone="Europe/Berlin")
    for month in (1, 7):
        due = asyncio.run(_next(clock, datetime(2026, month, 1, 12, tzinfo=UTC)))
        assert due.astimezone(ZoneInfo("Europe/Berlin")).hour == 1


def test_a_deployment_needs_a_server(
    course: BatchOptions, prefect_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "configured", lambda: None)  # the tests' own may be running
    with pytest.raises(ConfigError, match="PREFECT_API_URL"):
        deploy(course, Target(pool="f2f"))
    assert prefect_home.exists()


@pytest.mark.slow
@pytest.mark.usefixtures("server")
def test_served_batches_run_when_due_and_are_not_doubled(
    course: BatchOptions, tmp_path: Path
) -> None:
    environment = {**os.environ, "FAKE_SECONDS": "0.2"}
    serving = subprocess.Popen(
        [sys.executable, "-c", SERVE, course.model_dump_json()], env=environment
    )
    try:
        until = time.monotonic() + 600
        while len(list((tmp_path / "dubbed").glob("*.mp4"))) < 6:
            assert serving.poll() is None and time.monotonic() < until
            time.sleep(0.5)
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(60)
    assert sum("deliver/" in line for line in log_of(course)) == 6


@pytest.mark.slow
@pytest.mark.usefixtures("server")
def test_a_pool_s_workers_do_the_items(course: BatchOptions, tmp_path: Path) -> None:
    names = deploy(
        course, Target(pool="machines"), Timetable(cron="0 1 * * *", timezone="Asia/Kolkata")
    )
    assert names == ("translate/f2f", "batch/f2f")
    worker = subprocess.Popen(
        [sys.executable, "-m", "prefect", "worker", "start", "--pool", "machines", "--limit", "2"]
    )
    (tmp_path / "v2.mp4").write_text("bad input")
    try:
        summary = run(
            course.model_copy(update={"pool": "translate/f2f", "workers": 3, "languages": ("hi",)})
        )
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)
    assert summary.sentence == "2 done, 1 failed"
    assert summary.failed[0].error == "nobody speaks in it"
    done = [result for result in summary.results if result.status is ItemStatus.DONE]
    assert all("deliver" in result.ran and len(result.files) == 2 for result in done)
    assert summary.exit_code == 2
    assert {file.name for file in (tmp_path / "dubbed").glob("*.mp4")} == {"v0.hi.mp4", "v1.hi.mp4"}
    assert _scheduled("batch/f2f") == ["0 1 * * * Asia/Kolkata"]


def _scheduled(name: str) -> list[str]:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(name)
    return [
        f"{item.schedule.cron} {item.schedule.timezone}"  # type: ignore[union-attr]
        for item in deployment.schedules
    ]
