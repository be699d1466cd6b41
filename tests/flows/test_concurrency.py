from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from f2f.store.artefacts import Store
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
