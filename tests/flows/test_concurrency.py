from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from f2f.store.artefacts import Store
from f2f.store.leases import Claims
from flows.tasks import concurrency
from flows.tasks.concurrency import CODEC, MODEL, Concurrency


def test_no_more_heavy_stages_than_slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("F2F_CONCURRENCY_MODEL", "2")
    busy: list[str] = []
    most: list[int] = []

    def work(stage: str) -> None:
        with Concurrency(Store(tmp_path).claims).slot(stage):
            busy.append(stage)
            most.append(len(busy))
            time.sleep(0.5)
            busy.remove(stage)

    stages = ["transcribe", "sync_lips", "track_faces", "synthesise", "transcribe"]
    threads = [threading.Thread(target=work, args=(stage,)) for stage in stages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 5 and max(most) == 2


def test_a_light_stage_needs_no_slot(tmp_path: Path) -> None:
    with Concurrency(Store(tmp_path).claims).slot("align"):
        assert not list(tmp_path.rglob("*"))


def test_waiting_for_a_slot_holds_nothing_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each failed try is over before the next: a long wait does not pile up contexts."""
    monkeypatch.setenv("F2F_CONCURRENCY_MODEL", "1")
    monkeypatch.setattr(concurrency, "pauses", lambda: itertools.repeat(0.0, 200))
    open_tries: list[int] = []
    tries = 0

    class Busy:
        @contextlib.contextmanager
        def held(self, _name: str) -> Iterator[bool]:
            nonlocal tries
            tries += 1
            open_tries.append(tries)
            yield tries == 100
            open_tries.pop()

    with Concurrency(cast(Claims, Busy())).slot("transcribe"):
        assert tries == 100
        assert open_tries == [100]
    assert open_tries == []


def test_tags_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert concurrency.tags("sync_lips") == {MODEL}
    assert concurrency.tags("deliver") == {CODEC}
    assert concurrency.tags("align") == set()
    monkeypatch.setenv("F2F_CONCURRENCY_CODEC", "5")
    assert concurrency.count(CODEC) == 5
    monkeypatch.setattr(concurrency, "_gpus", lambda: 0)
    assert concurrency.count(MODEL) >= 2
    monkeypatch.setattr(concurrency, "_gpus", lambda: 1)
    assert concurrency.count(MODEL) == 1
