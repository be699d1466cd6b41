"""One Prefect server for all tests of flows, courses of fake videos, and the table of faults."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flows_harness import Tell

from flows.items.options import BatchOptions

HERE = Path(__file__).parent
FAULT = "fault"
OUTCOME = "outcome"


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
    from flows.server import running

    with running() as url:
        yield url


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BatchOptions:
    """Three fake videos into two languages, with a log of the stages' starts."""
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    for number in range(3):
        (tmp_path / f"v{number}.mp4").write_text(f"video {number}")
    return BatchOptions(
        sources=(str(tmp_path),),
        languages=("hi", "ta"),
        output=tmp_path / "dubbed",
        recipe="fake",
        overrides=(f"store.path={tmp_path / 'store'}", "languages.source=en"),
    )


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
            properties = dict(getattr(report, "user_properties", ()))
            if FAULT in properties and (report.when == "call" or status == "skipped"):
                rows.append((properties[FAULT], properties[OUTCOME], status))
    if rows:
        terminalreporter.section("faults")
        width = max(len(fault) for fault, _, _ in rows)
        for fault, outcome, status in rows:
            terminalreporter.write_line(f"{fault:<{width}}  {status:<7}  {outcome}")


def _refresh() -> None:
    if "prefect" in sys.modules:
        from prefect.context import refresh_global_settings_context

        refresh_global_settings_context()
