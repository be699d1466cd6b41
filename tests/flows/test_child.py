from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flows_harness import gone

from flows import child

# a parent that starts a child, which starts a program of its own, as a stage starts ffmpeg
PARENT = """
import sys, time
from flows import child
worker = child.start("child_that_waits", environment={})
print(worker.stdout.readline().strip(), flush=True)
time.sleep(60)
"""
CHILD = """
import os, subprocess, sys, time
from flows.child import obey
obey(sys.stdin, lambda line: None)
program = subprocess.Popen(["sleep", "60"])
print(os.getpid(), program.pid, flush=True)
while True:
    sum(range(100_000))
"""


@pytest.mark.faults
def test_a_child_and_its_programs_end_with_a_killed_parent(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    (tmp_path / "child_that_waits.py").write_text(CHILD)
    path = os.pathsep.join([str(tmp_path), str(pytestconfig.rootpath)])
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone(set(pids)), "an orphan"


def test_stopping_a_dead_child_forgets_what_it_did_not_read() -> None:
    process = child.start("this", environment={})
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.write("a line that nobody reads\n")
    child.stop(process)
    assert process.stdin.closed


TORN = """
import sys, time
from flows import child
child.obey(sys.stdin, int)
time.sleep(60)
"""


def test_a_child_that_cannot_hear_its_parent_any_more_ends(pytestconfig: pytest.Config) -> None:
    """Else nobody would end it when the parent is gone."""
    process = subprocess.Popen(
        [sys.executable, "-c", TORN],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(pytestconfig.rootpath)},
        start_new_session=True,
    )
    _, error = process.communicate("no number\n", timeout=50)
    assert process.returncode == -signal.SIGKILL
    assert "invalid literal" in error
