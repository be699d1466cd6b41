"""The warnings that a piece of work logs, kept: whoever finds its result later is told as well."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator


class _Keeping(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.kept: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and record.getMessage() not in self.kept:
            self.kept.append(record.getMessage())


@contextlib.contextmanager
def kept_warnings(*names: str) -> Iterator[list[str]]:
    """What this thread warns of through the loggers of those packages, each sentence once."""
    handler = _Keeping()
    loggers = [logging.getLogger(name) for name in names]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield handler.kept
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
