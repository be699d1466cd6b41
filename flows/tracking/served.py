"""A served run ends with the process that serves it, and with that process's server.

The serving process leaves its identity in the environment of the runs that it starts.
"""

from __future__ import annotations

import logging
import os
import threading
import time

from f2f.store import owners

log = logging.getLogger(__name__)

_SERVED_BY = "F2F_SERVED_BY"
_LOOK = 1.0
"""Seconds between two looks at the serving process."""
_ORPHANED = 1


def announce() -> None:
    """In the serving process: runs that it starts from here on end with it."""
    os.environ[_SERVED_BY] = owners.here().token


def follow() -> None:
    """In a run: end this process when the one that serves it is gone."""
    owner = owners.parse(os.environ.get(_SERVED_BY, ""))
    if owner is None or owner == owners.here():
        return

    def look() -> None:
        while not _gone(owner):
            time.sleep(_LOOK)
        os._exit(_ORPHANED)

    threading.Thread(target=look, name="served by", daemon=True).start()


def _gone(owner: owners.Owner) -> bool:
    try:
        return owner.gone
    except Exception as error:  # looked at again: this thread is all that ends an orphan
        log.warning("cannot look at the serving process: %s", error)
        return False
