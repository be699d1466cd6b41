"""Prefect's settings as this system wants them; whatever the user has set stays.

Prefect reads its environment when it is imported, so `prepare` is called before that.
"""

from __future__ import annotations

import logging
import os
from importlib.util import find_spec

from f2f.errors import MissingError

STARTUP_SECONDS = 600
"""The default of 20 s is too short: on two cores with a load of 14, over 180 s were seen."""

DEFAULTS = {
    # no telemetry leaves, from client or server
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(STARTUP_SECONDS),
    # the store is the one cache
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    # what stages log is shown with their run
    "PREFECT_LOGGING_EXTRA_LOGGERS": "f2f,flows",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # a server that restarts is waited for: 2 + 4 + ... + 64 s
    "PREFECT_CLIENT_MAX_RETRIES": "6",
    # a spinning OpenMP wait costs more than twice the time on a busy small machine
    "OMP_WAIT_POLICY": "PASSIVE",
}


def prepare() -> None:
    """Set what the user has not set.

    Raises:
        MissingError: Prefect is not installed.
    """
    if find_spec("prefect") is None:
        raise MissingError("batches need Prefect: pip install 'face-to-face[flows]'")
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every call of the server
