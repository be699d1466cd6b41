"""The server's side of the worker: orders wait in a queue, whoever listens hears how they go.

An order to render is also written down in its project, so that a server that was killed takes it
up again when it comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from f2f.review.projects import Project

log = logging.getLogger(__name__)

_LONGEST_LINE = 64 << 20
_SILENCE = 15.0
"""Seconds without an event after which a sign of life is sent."""
WANTED = "wanted"
"""Where a project's state says that it is to be rendered."""

Event = dict[str, Any]


@dataclass
class Order:
    """Something that the worker is to do."""

    number: int
    do: str
    project: Project
    line: int | None = None
    state: str = "waiting"
    stage: str = ""
    share: float = 0.0
    """Of the stage, in 0..1."""
    started: float = 0.0
    found: Event = field(default_factory=dict)
    sentence: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def told(self) -> Event:
        """The order as listeners get it."""
        return {
            "order": self.number,
            "project": self.project.id,
            "do": self.do,
            "line": self.line,
            "state": self.state,
            "stage": self.stage,
            "share": round(self.share, 4),
            "left": self._left(),
            "sentence": self.sentence,
            "found": self.found if self.do == "speak" else {},
        }

    def _left(self) -> float | None:
        """Seconds to go, by what the stages took the last time; None if that is not known."""
        known: dict[str, float] = self.project.state().get("seconds") or {}
        stages = list(known)
        if self.do != "render" or self.stage not in stages or self.state != "running":
            return None
        later = sum(known[stage] for stage in stages[stages.index(self.stage) + 1 :])
        return round(known[self.stage] * (1 - self.share) + later, 1)


class Lane:
    """One worker process and what waits for it."""

    def __init__(self) -> None:
        self._waiting: list[Order] = []
        self._current: Order | None = None
        self._number = 0
        self._wake = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._listeners: set[asyncio.Queue[Event]] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to take orders."""
        self._task = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        """End the worker; what it was asked to render stays wanted."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._kill()

    def order(self, do: str, project: Project, line: int | None = None) -> Order:
        """Ask for something; an order that waits already is not given twice."""
        for order in self._waiting:
            if (order.do, order.project.id, order.line) == (do, project.id, line):
                return order
        self._number += 1
        order = Order(self._number, do, project, line)
        if do == "render":
            project.put(**{WANTED: True, "failed": None})
            self._waiting.append(order)
        else:  # what a person waits for comes before a rendering
            first = next((i for i, one in enumerate(self._waiting) if one.do == "render"), None)
            self._waiting.insert(len(self._waiting) if first is None else first, order)
        self._wake.set()
        self._tell(order)
        return order

    async def cancel(self, project: Project) -> bool:
        """Stop a project's rendering; True if there was one."""
        project.put(**{WANTED: False})
        mine = [one for one in self._waiting if one.do == "render" and one.project.id == project.id]
        for order in mine:
            self._waiting.remove(order)
            self._end(order, "cancelled")
        current = self._current
        if current is not None and current.do == "render" and current.project.id == project.id:
            current.state = "cancelled"
            await self._kill()
            return True
        return bool(mine)

    def now(self, project: Project) -> list[Event]:
        """A project's orders that are not over."""
        orders = [*([self._current] if self._current else []), *self._waiting]
        return [order.told() for order in orders if order.project.id == project.id]

    async def events(self, project: Project) -> AsyncIterator[Event | None]:
        """What happens to a project's orders from now on; None as a sign of life."""
        mine: asyncio.Queue[Event] = asyncio.Queue(maxsize=1000)
        self._listeners.add(mine)
        try:
            for event in self.now(project):
                yield event
            while True:
                try:
                    event = await asyncio.wait_for(mine.get(), _SILENCE)
                except TimeoutError:
                    yield None
                    continue
                if event["project"] == project.id:
                    yield event
        finally:
            self._listeners.discard(mine)

    def announce(self, project: Project, **facts: Any) -> None:
        """Tell all windows of a project something, such as a new version of its edits."""
        self._send({"project": project.id, **facts})

    async def _serve(self) -> None:
        while True:
            while not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            order = self._waiting.pop(0)
            self._current = order
            try:
                await self._do(order)
            except (OSError, ValueError) as error:
                log.warning("the worker is gone: %s", error)
                self._end(order, "failed", f"the worker process ended: {error}")
            finally:
                self._current = None

    async def _do(self, order: Order) -> None:
        process = await self._started()
        assert process.stdin is not None and process.stdout is not None
        order.state, order.started = "running", time.monotonic()
        self._tell(order)
        sent = {"order": order.number, "do": order.do, "project": order.project.spec()}
        line = json.dumps({**sent, "line": order.line}, ensure_ascii=False)
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()
        while order.state == "running":
            answer = await process.stdout.readline()
            if not answer:
                break
            self._take(order, json.loads(answer))
        if order.state == "running":
            await process.wait()
            self._end(order, "failed", "the worker process was ended (out of memory?)")
        elif order.state == "cancelled":
            self._end(order, "cancelled")

    def _take(self, order: Order, report: Event) -> None:
        if report["is"] == "progress":
            order.stage = report["stage"]
            order.share = min(1.0, report["done"] / report["total"]) if report["total"] else 1.0
            self._tell(order)
        elif report["is"] == "done":
            order.found = report["found"]
            self._end(order, "done")
        elif report["is"] == "failed":
            self._end(order, "failed", report["sentence"])

    def _end(self, order: Order, state: str, sentence: str = "") -> None:
        order.state, order.sentence = state, sentence
        if order.do == "render":
            order.project.put(**{WANTED: False, "failed": sentence or None})
        self._tell(order)
        order.over.set()

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "f2f.review.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LONGEST_LINE,
            )
        return self._process

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGKILL)  # the store cleans up after the dead
            await process.wait()

    def _tell(self, order: Order) -> None:
        self._send(order.told())

    def _send(self, event: Event) -> None:
        for listener in self._listeners:
            if listener.full():
                listener.get_nowait()
            listener.put_nowait(event)
