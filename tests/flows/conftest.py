"""One Prefect server for all tests of flows, courses of fake videos, and the table of faults."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.batch import Batch
from flows.summary import Summary

HERE = Path(__file__).parent
RUN = """
import sys
from flows.batch import Batch, run
print(run(Batch.model_validate_json(sys.argv[1])).model_dump_json())
"""
FAULT = "fault"
OUTCOME = "outcome"
Tell = Callable[[str, str], None]


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Prefect that knows nothing of the user's, and workers that find the fake recipe."""
    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(home))
        patch.setenv("PREFECT_PROFILES_PATH", str(home / "profiles.toml"))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(HERE.parent.parent)]))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.delenv("PREFECT_API_URL", raising=False)
        _refresh()
        yield home
    _refresh()


@pytest.fixture(scope="session")
def server(prefect_home: Path) -> Iterator[str]:
    """The address of a Prefect server; starting one takes 10 to 30 s."""
    del prefect_home
    pytest.importorskip("prefect")
    from flows.server import at_hand

    with at_hand() as url:
        yield url


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """Three fake videos into two languages, with a log of the stages' starts."""
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    for number in range(3):
        (tmp_path / f"v{number}.mp4").write_text(f"video {number}")
    return Batch(
        sources=(str(tmp_path),),
        languages=("hi", "ta"),
        recipe="fake_recipe:recipe",
        overrides=(f"store.path={tmp_path / 'store'}", "languages.source=en"),
    )


def start(options: Batch, **environment: str) -> subprocess.Popen[str]:
    """A batch in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, options.model_dump_json()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def ended(process: subprocess.Popen[str], timeout: float = 240.0) -> Summary:
    """The summary of a batch in a process of its own."""
    out, error = process.communicate(timeout=timeout)
    assert process.returncode == 0, error[-3000:]
    return Summary.model_validate_json(out.splitlines()[-1])


def log_of(course: Batch) -> list[str]:
    """Lines of the stages' starts: `start <stage>/<key>`."""
    log = Path(course.sources[0]) / "log"
    return log.read_text().splitlines() if log.exists() else []


def children(pid: int) -> dict[int, str]:
    """The living children of a process, with their command lines."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            line = (stat.parent / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found[int(stat.parent.name)] = line
    return found


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Put a row into the table of faults: what was done, and what came of it."""

    def add(fault: str, outcome: str) -> None:
        request.node.user_properties += [(FAULT, fault), (OUTCOME, outcome)]

    return add


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table of faults."""
    rows = []
    for status in ("passed", "failed", "skipped"):
        for report in terminalreporter.stats.get(status, []):
            told = dict(getattr(report, "user_properties", ()))
            if FAULT in told and (report.when == "call" or status == "skipped"):
                rows.append((told[FAULT], told[OUTCOME], status))
    if rows:
        terminalreporter.section("faults")
        width = max(len(fault) for fault, _, _ in rows)
        for fault, outcome, status in rows:
            terminalreporter.write_line(f"{fault:<{width}}  {status:<7}  {outcome}")


def _refresh() -> None:
    if "prefect" in sys.modules:
        from prefect.context import refresh_global_settings_context

        refresh_global_settings_context()
