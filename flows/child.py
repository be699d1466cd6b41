"""Child processes that cannot outlive their parent, however it ends.

The parent holds the writing end of the child's standard input.  When the parent is gone, even by
kill -9, the kernel closes it, the child reads the end of the file and exits at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO

log = logging.getLogger(__name__)

_ORPHANED = 143
"""Exit code of a child whose parent is gone."""


def start(module: str, *arguments: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start `python -m module` with pipes at its input and output.

    It leads a process group of its own, so Ctrl-C reaches only the parent, which decides, and
    `stop` reaches its own children too.
    """
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        start_new_session=True,
    )


def stop(child: subprocess.Popen[str]) -> None:
    """End a child and the programs that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):  # a line that it did not live to read
                pipe.close()


def obey(lines: IO[str], take: Callable[[str], None]) -> None:
    """In the child: hand each line of input to `take`; end with everything at its end."""

    def read() -> None:
        try:
            for line in lines:
                take(line)
        except Exception:  # a torn line: without this thread nobody would end an orphan
            log.exception("the parent cannot be heard any more")
        finally:
            if os.getpgrp() == os.getpid():  # ours alone: what this process started goes too
                os.killpg(os.getpid(), signal.SIGKILL)
            os._exit(_ORPHANED)

    threading.Thread(target=read, name="parent", daemon=True).start()
