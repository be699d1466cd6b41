"""Progress of a stage or a batch as a Prefect artifact, seldom enough to cost nothing."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.context import FlowRunContext, TaskRunContext

log = logging.getLogger(__name__)

INTERVAL = 2.0
"""Seconds between two updates; a shorter stage shows none."""


class ProgressBar:
    """The progress of the run that makes it; called as `Progress` from any thread.

    A server that cannot be reached costs the bar, never the run.

    Args:
        title: what makes progress: a stage, or a batch's items.
        interval: seconds before the first update and between two.
    """

    def __init__(self, title: str, interval: float = INTERVAL) -> None:
        self._title = title
        self._interval = interval
        self._next = time.monotonic() + interval
        self._context = _here()
        self._artifact: UUID | None = None

    def __call__(self, _stage: str, done: float, total: float, /) -> None:
        """Show `done` of `total`, unless the last update was only just now."""
        if self._context is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._interval
        self._show(100.0 * done / total if total else 0.0)

    def finish(self) -> None:
        """Show 100 % if anything was shown."""
        if self._artifact is not None:
            self._show(100.0)

    def _show(self, percent: float) -> None:
        try:
            if self._artifact is None:
                self._artifact = self._create(percent)
            else:
                update_progress_artifact(self._artifact, percent)
        except Exception as error:  # whatever the client raises: a courtesy must not fail a stage
            log.debug("no progress shown: %s", error)

    def _create(self, percent: float) -> UUID:
        assert self._context is not None
        with contextlib.nullcontext() if _here() else self._context.model_copy():
            return cast(UUID, create_progress_artifact(percent, description=self._title))


def _here() -> TaskRunContext | FlowRunContext | None:
    return TaskRunContext.get() or FlowRunContext.get()
