"""Progress of the stages: bars on a terminal, one JSON object a line, or plain lines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from f2f.store import stage

_JSON_INTERVAL = 0.5
"""Seconds between two lines of a stage, its first and last line excepted."""


class Style(StrEnum):
    """How progress is shown."""

    AUTO = "auto"
    BARS = "bars"
    LINES = "lines"
    JSON = "json"
    NONE = "none"


@contextmanager
def shown(style: Style) -> Iterator[stage.Progress]:
    """A progress callback that lives as long as the block."""
    if style is Style.AUTO:
        style = Style.BARS if sys.stderr.isatty() else Style.LINES
    if style is Style.BARS:
        with _Bars() as bars:
            yield bars
    elif style is Style.NONE:
        yield stage.silent
    else:
        yield _Lines(as_json=style is Style.JSON)


class _Bars:
    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:16}"),
            BarColumn(),
            TextColumn("{task.percentage:>4.0f}%"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, name: str, done: float, total: float, /) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done, total=total)


class _Lines:
    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._started: dict[str, float] = {}
        self._finished: set[str] = set()
        self._last = 0.0

    def __call__(self, name: str, done: float, total: float, /) -> None:
        now = time.monotonic()
        first = name not in self._started
        started = self._started.setdefault(name, now)
        ended = done >= total and name not in self._finished
        if ended:
            self._finished.add(name)
        if self._as_json:
            if first or ended or now - self._last >= _JSON_INTERVAL:
                self._last = now
                line = {"stage": name, "done": round(done, 3), "total": round(total, 3)}
                print(json.dumps(line), flush=True)
        elif ended:
            print(f"{name}: done in {now - started:.1f} s", file=sys.stderr, flush=True)
        elif first:
            print(f"{name} …", file=sys.stderr, flush=True)
