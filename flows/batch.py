"""Many videos into many languages: one flow run each, and one failing never stops the others.

summary = batch.run(BatchOptions(sources=("course.yaml",), workers=2))
sys.exit(summary.exit_code)
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from f2f.errors import F2FError
from flows import server
from flows.items.options import BatchOptions
from flows.items.summary import BatchFailedError, BatchSummary
from flows.workers.requests import Action, Request
from flows.workers.worker import handle

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

log = logging.getLogger(__name__)


class StillRunningError(F2FError):
    """The previous run of the same batch is still going; this one is left out."""


def run(options: BatchOptions) -> BatchSummary:
    """Run a batch on Prefect: on the configured server, or on one that lives as long as this call.

    Raises:
        InputError: a source cannot be read, or nothing is in any of them.
        StillRunningError: the same batch is being run by somebody else.
    """
    options.listing()  # refuse a bad source before a server is started for it
    with server.running() as url:
        log.info("Prefect server: %s", url)
        return on_prefect(options)


def dry_run(options: BatchOptions) -> BatchSummary:
    """What `run` would do, item by item; starts nothing, not even a server."""
    listing = options.listing()
    results = [handle(Request(action=Action.CHECK, item=item)) for item in listing.items]
    return BatchSummary(results=(*results, *listing.bad))


def on_prefect(options: BatchOptions) -> BatchSummary:
    """Run a batch on the server that is running.

    Raises:
        InputError: a source cannot be read, or nothing is in any of them.
        StillRunningError: the same batch is being run by somebody else.
    """
    from flows.batch_flow import batch

    state = cast("State[BatchSummary]", batch(options, return_state=True))
    if state.is_cancelled():
        raise StillRunningError(state.message or "the batch is already running")
    try:
        return state.result()
    except BatchFailedError as error:
        return error.summary
