"""A worker: takes items as JSON lines on standard input, answers with rows on standard output.

    python -m flows.worker [LEVEL]     # of its log; WARNING unless told otherwise

It keeps its imports warm from item to item, and ends when its parent does.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import time
from enum import StrEnum
from typing import TextIO
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from f2f.errors import F2FError
from flows import settings
from flows.child import obey
from flows.items import Item, Row, Status
from flows.retries import retryable

log = logging.getLogger(__name__)


class Wish(StrEnum):
    """What the parent wants of an item."""

    CHECK = "check"
    """Is it complete? No work is done."""
    RUN = "run"


class Request(BaseModel):
    """One line to a worker."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wish: Wish
    item: Item
    run_id: UUID | None = None
    """The flow run that the parent has made for the item."""


def answer(request: Request) -> Row:
    """Do what is asked; a failure becomes a row, never an end of the worker."""
    started = time.monotonic()
    try:
        if request.wish is Wish.CHECK:
            from flows.check import check

            return check(request.item)
        return _run(request.item, request.run_id)
    except Exception as error:
        if not isinstance(error, F2FError):
            log.exception("%s", request.item.name)
        return failed(request.item, error, time.monotonic() - started)


def failed(item: Item, error: Exception, seconds: float) -> Row:
    """The row of an item that failed."""
    known = isinstance(error, F2FError)
    return Row(
        name=item.name,
        status=Status.FAILED,
        seconds=round(seconds, 2),
        error=str(error) if known else f"{type(error).__name__}: {error}",
        exit_code=error.exit_code if isinstance(error, F2FError) else 1,
        retry=retryable(error),
    )


def _run(item: Item, run_id: UUID | None) -> Row:
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
        row = answer(Request.model_validate_json(lines.get()))
        out.write(row.model_dump_json() + "\n")
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
