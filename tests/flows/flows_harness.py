"""Batches in processes of their own, and looking at what they do."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from f2f.store.artefacts import Store
from flows.items.options import BatchOptions
from flows.items.summary import BatchSummary

RUN = """
import sys
from flows.batch import run
from flows.items.options import BatchOptions
print(run(BatchOptions.model_validate_json(sys.argv[1])).model_dump_json())
"""
Tell = Callable[[str, str], None]


def start(options: BatchOptions, **environment: str) -> subprocess.Popen[str]:
    """A batch in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, options.model_dump_json()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def ended(process: subprocess.Popen[str], timeout: float = 600.0) -> BatchSummary:
    """The summary of a batch in a process of its own."""
    out, error = process.communicate(timeout=timeout)
    assert process.returncode == 0, error[-3000:]
    return BatchSummary.model_validate_json(out.splitlines()[-1])


def log_of(course: BatchOptions) -> list[str]:
    """Lines of the stages' starts: `start <stage>/<key>`."""
    log = Path(course.sources[0]) / "log"
    return log.read_text().splitlines() if log.exists() else []


def children(pid: int) -> dict[int, str]:
    """The living children of a process, with their command lines."""
    with contextlib.suppress(psutil.NoSuchProcess):
        found = psutil.Process(pid).children()
        return {child.pid: _command(child) for child in found if lives(child.pid)}
    return {}


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def outputs(tmp_path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (tmp_path / "dubbed").iterdir()}


def published(tmp_path: Path) -> set[str]:
    return {f"start {item.stage}/{item.key}" for item in Store(tmp_path / "store").artefacts()}


def leftovers(tmp_path: Path) -> list[str]:
    """Temporary files, and claims other than a finished run's last sign of life."""
    inside = [*(tmp_path / "store").rglob("*"), *(tmp_path / "dubbed").rglob("*")]
    return [
        path.name
        for path in inside
        if ".making-" in path.name
        or path.suffix == ".part"
        or (path.parent.name == ".claims" and not path.name.startswith("run-"))
    ]


def unfinished_runs(seconds: float = 0.0) -> list[str]:
    """Flow and task runs that are neither over nor due some day.

    Tasks that wait for one that failed do not count: Prefect leaves them pending, as "NotReady".

    Args:
        seconds: how long to wait for there to be none; the server writes down what becomes of
            tasks some seconds late.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
        TaskRunFilter,
        TaskRunFilterState,
        TaskRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType

    going = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
    flows = FlowRunFilterState(type=FlowRunFilterStateType(any_=going))
    tasks = TaskRunFilterState(type=TaskRunFilterStateType(any_=going))
    until = time.monotonic() + seconds
    while True:
        with get_client(sync_client=True) as client:
            runs = [
                *client.read_flow_runs(flow_run_filter=FlowRunFilter(state=flows)),
                *client.read_task_runs(task_run_filter=TaskRunFilter(state=tasks)),
            ]
        left = [run.name for run in runs if run.state is None or run.state.name != "NotReady"]
        if not left or time.monotonic() > until:
            return left
        time.sleep(1)


def crashed_runs() -> list[str]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType

    crashed = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CRASHED]))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(state=crashed))
    return [run.name for run in runs]


def family(pid: int) -> set[int]:
    """All that a process has started, and what that has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return {child.pid for child in psutil.Process(pid).children(recursive=True)}
    return set()


def gone(pids: set[int], seconds: float = 60.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(lives(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def lives(pid: int) -> bool:
    """True unless the process has ended; a zombie has."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_lines(course: BatchOptions, process: subprocess.Popen[str], count: int) -> None:
    until = time.monotonic() + 300
    while len(log_of(course)) < count and process.poll() is None:
        assert time.monotonic() < until, "no stage was started for five minutes"
        time.sleep(0.02)
