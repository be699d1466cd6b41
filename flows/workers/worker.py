"""A worker: takes requests as JSON lines on standard input, writes results on standard output.

    python -m flows.workers.worker [LEVEL]     # of its log, by default WARNING

It keeps its imports warm from item to item, and ends when its parent does.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import time
from typing import TextIO
from uuid import UUID

from f2f.errors import F2FError
from flows import settings
from flows.child import obey
from flows.items.item import Item, ItemResult, failed
from flows.workers.requests import Action, Request

log = logging.getLogger(__name__)


def handle(request: Request) -> ItemResult:
    """Do what is asked; a failure becomes a result, never an end of the worker."""
    started = time.monotonic()
    try:
        if request.action is Action.CHECK:
            from flows.items.check import check

            return check(request.item)
        return _run(request.item, request.run_id)
    except Exception as error:
        if not isinstance(error, F2FError):
            log.exception("%s", request.item.name)
        return failed(request.item.name, error, time.monotonic() - started)


def _run(item: Item, run_id: UUID | None) -> ItemResult:
    from prefect.client.orchestration import get_client

    from flows.translate import run_item

    if run_id is None:
        return run_item(item)
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(run_id)
    return run_item(item, flow_run)


def _serve(out: TextIO) -> None:
    lines: queue.Queue[str] = queue.Queue()
    obey(sys.stdin, lines.put)
    while True:
        result = handle(Request.model_validate_json(lines.get()))
        out.write(result.model_dump_json() + "\n")
        out.flush()


def _log(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level)  # Prefect sets its own loggers to INFO
    handler.addFilter(_unforeseen)
    line = "%(levelname)s %(name)s: %(message)s %(task_run_name)s"
    handler.setFormatter(logging.Formatter(line, defaults={"task_run_name": ""}))
    logging.basicConfig(level=level, handlers=[handler])


def _unforeseen(record: logging.LogRecord) -> bool:
    """False for the traceback of a foreseen error: Prefect also tells it in one line."""
    return record.exc_info is None or not isinstance(record.exc_info[1], F2FError)


def main() -> None:
    """Serve the parent until it closes the pipe."""
    settings.prepare()
    _log(sys.argv[1] if len(sys.argv) > 1 else "WARNING")
    # what any library prints goes to standard error: standard output belongs to the answers
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _serve(out)


if __name__ == "__main__":
    main()
