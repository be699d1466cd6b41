"""The process that does the heavy work: one order a line on its input, reports on its output.

    → {"order": 3, "do": "speak", "project": {…}, "line": 7}
    ← {"order": 3, "is": "progress", "stage": "synthesise", "done": 1, "total": 4}
    ← {"order": 3, "is": "done", "found": {…}}       or  "failed", with a sentence

It ends with its input, and is killed to cancel what it does.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from f2f.errors import F2FError
from f2f.review import projects
from f2f.review.work import Bench, Voicebox

log = logging.getLogger(__name__)

_INTERVAL = 0.2
"""Seconds between two reports of one stage."""

Report = Callable[..., None]


def main() -> None:
    """Serve orders until the input ends."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as output:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no report
        voicebox = Voicebox()
        for order in _orders():
            _serve(order, output, voicebox)


def _orders() -> Iterator[dict[str, Any]]:
    """Orders as they come; the process ends at once when its server does."""
    waiting: list[str] = []
    arrived = threading.Condition()

    def read() -> None:
        for line in sys.stdin:
            with arrived:
                waiting.append(line)
                arrived.notify()
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        with arrived:
            arrived.wait_for(lambda: bool(waiting))
            line = waiting.pop(0)
        yield json.loads(line)


def _serve(order: dict[str, Any], output: TextIO, voicebox: Voicebox) -> None:
    def report(kind: str, **facts: Any) -> None:
        line = {"order": order["order"], "is": kind, **facts}
        output.write(json.dumps(line, ensure_ascii=False) + "\n")
        output.flush()

    last: dict[str, float] = {}

    def progress(stage: str, done: float, total: float, /) -> None:
        now = time.monotonic()
        if done < total and now - last.get(stage, 0.0) < _INTERVAL:
            return
        last[stage] = now
        report("progress", stage=stage, done=done, total=total)

    try:
        bench = Bench(projects.from_spec(order["project"]), progress, voicebox)
        work = {"look": bench.look, "settle": bench.settle, "render": bench.render}
        found = bench.speak(order["line"]) if order["do"] == "speak" else work[order["do"]]()
        report("done", found=found)
    except F2FError as error:
        report("failed", sentence=str(error))
    except Exception as error:  # a person gets a sentence, the log the rest
        log.exception("order %s failed", order["do"])
        report("failed", sentence=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
