"""The workers of one machine: child processes that take one item after the other.

A worker that dies (out of memory, a crash in native code, kill -9) costs its item one try and is
replaced; the others never notice.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
from collections.abc import Iterator

from f2f.errors import StageError
from flows import child
from flows.items.item import ItemResult
from flows.workers.requests import Request


class WorkerLostError(StageError):
    """The process that had the item is gone."""


class WorkerPool:
    """A fixed number of workers, started when first needed.

    Args:
        size: how many items at once.
    """

    def __init__(self, size: int) -> None:
        self.stopped = False
        self._free: queue.LifoQueue[subprocess.Popen[str] | None] = queue.LifoQueue()
        for _ in range(size):
            self._free.put(None)
        self._all: set[subprocess.Popen[str]] = set()

    def run(self, request: Request) -> ItemResult:
        """Give a free worker an item and wait for the result, in as many threads as workers.

        Raises:
            WorkerLostError: the worker died over it.
        """
        with self._worker() as worker:
            assert worker.stdin is not None and worker.stdout is not None
            try:
                worker.stdin.write(request.model_dump_json() + "\n")
                worker.stdin.flush()
                line = worker.stdout.readline()
            except (OSError, ValueError):
                line = ""
            if not line:
                code = worker.wait()
                raise WorkerLostError(
                    f"the worker that had {request.item.name} is gone (exit {code})"
                )
            return ItemResult.model_validate_json(line)

    def stop(self) -> None:
        """End all workers, also those in the middle of an item."""
        self.stopped = True
        for worker in list(self._all):
            child.stop(worker)
        self._all.clear()

    @contextlib.contextmanager
    def _worker(self) -> Iterator[subprocess.Popen[str]]:
        worker = self._free.get()
        if worker is None:
            level = logging.getLevelName(logging.getLogger().getEffectiveLevel())
            worker = child.start("flows.workers.worker", level, environment={})
            self._all.add(worker)
        try:
            yield worker
        finally:
            if worker.poll() is None:
                self._free.put(worker)
            else:
                child.stop(worker)
                self._all.discard(worker)
                self._free.put(None)
