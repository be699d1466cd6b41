from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from f2f.errors import InputError
from flows import batch, server
from flows.items.options import BatchOptions
from flows.items.summary import BatchSummary
from flows.watch import watch


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[BatchOptions]:
    """The batches that would have gone to Prefect."""
    seen: list[BatchOptions] = []

    @contextlib.contextmanager
    def none() -> Iterator[str]:
        yield "nowhere"

    def note(options: BatchOptions) -> BatchSummary:
        seen.append(options)
        return BatchSummary(results=())

    monkeypatch.setattr(server, "running", none)
    monkeypatch.setattr(batch, "on_prefect", note)
    return seen


def age(file: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(file, (then, then))


def test_files_run_once_when_they_have_settled(tmp_path: Path, rounds: list[BatchOptions]) -> None:
    old, fresh = tmp_path / "old.mp4", tmp_path / "fresh.mp4"
    old.write_text("x")
    fresh.write_text("still being copied")
    age(old, 60)
    looking = watch(BatchOptions(sources=(str(tmp_path),), languages=("hi",)), every=0.01)
    next(looking)
    assert rounds[0].sources == (str(old),)
    assert rounds[0].output == tmp_path / "dubbed"
    age(fresh, 60)
    next(looking)
    assert rounds[1].sources == (str(fresh),)
    old.write_text("a new cut")
    age(old, 50)
    next(looking)
    assert rounds[2].sources == (str(old),)


def test_a_manifest_is_not_watched(tmp_path: Path, rounds: list[BatchOptions]) -> None:
    with pytest.raises(InputError, match="on a schedule"):
        next(watch(BatchOptions(sources=(str(tmp_path / "course.yaml"),)), every=1))
    assert rounds == []
