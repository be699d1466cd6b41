"""Several workers of a pool against one server on PostgreSQL, with one store between them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flows_harness import RUN, log_of

from flows.items.options import BatchOptions
from flows.items.summary import BatchSummary
from flows.server import HOST, healthy

pytestmark = pytest.mark.slow

DEPLOY = """
import sys
from flows.items.options import BatchOptions
from flows.schedule import Target, deploy
deploy(BatchOptions.model_validate_json(sys.argv[1]), Target(pool="several"))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + 600  # a loaded machine takes minutes to start a server
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.5)


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server's address for SQLAlchemy; it may not run as root."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(binaries[-1]) if binaries else None)
    if initdb is None:
        pytest.skip("PostgreSQL is not installed")
    if os.geteuid() == 0 and subprocess.run(["id", "postgres"], capture_output=True).returncode:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    folder = Path(f"/tmp/f2f-postgres-{os.getpid()}")
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    prefix = as_user if os.geteuid() == 0 else []
    folder.mkdir()
    if prefix:
        shutil.chown(folder, "postgres")
    data, port = folder / "data", free_port()
    make = [initdb, "-D", str(data), "-U", "prefect", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*prefix, *make], check=True, capture_output=True)
    program = str(Path(initdb).with_name("postgres"))
    options = ["-p", str(port), "-k", str(folder), "-c", f"listen_addresses={HOST}"]
    server = subprocess.Popen(
        [*prefix, program, "-D", str(data), *options, "-c", "fsync=off"],
        stderr=subprocess.DEVNULL,
    )
    wait(lambda: accepts(port))
    yield f"postgresql+asyncpg://prefect@{HOST}:{port}/postgres"
    server.send_signal(signal.SIGINT)
    server.wait(20)
    shutil.rmtree(folder)


def test_two_workers_share_a_server_on_postgresql(
    course: BatchOptions, tmp_path: Path, prefect_home: Path, postgres: str
) -> None:
    port = free_port()
    url = f"http://{HOST}:{port}/api"
    environment = {
        **os.environ,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_DATABASE_CONNECTION_URL": postgres,
        "PREFECT_API_URL": url,
        "FAKE_SECONDS": "0.2",
    }
    prefect = [sys.executable, "-m", "prefect"]
    server = subprocess.Popen(
        [sys.executable, "-m", "flows.server", str(port)],
        stdin=subprocess.PIPE,
        env=environment,
    )
    started = [server]
    try:
        wait(lambda: healthy(url) or server.poll() is not None)
        assert server.poll() is None
        sent = course.model_copy(update={"pool": "translate/f2f", "workers": 3})
        deploying = [sys.executable, "-c", DEPLOY, course.model_dump_json()]
        subprocess.run(deploying, env=environment, check=True, timeout=600)
        for name in ("one", "two"):
            worker = [*prefect, "worker", "start", "--pool", "several", "--name", name]
            started.append(subprocess.Popen([*worker, "--limit", "1"], env=environment))
        batch = [sys.executable, "-c", RUN, sent.model_dump_json()]
        done = subprocess.run(
            batch, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    assert done.returncode == 0, done.stderr[-3000:]
    summary = BatchSummary.model_validate_json(done.stdout.splitlines()[-1])
    assert summary.sentence == "6 done"
    lines = log_of(course)
    assert len(lines) == len(set(lines)) == 36  # what languages share was done once
    assert prefect_home.exists()
