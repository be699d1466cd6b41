from __future__ import annotations

import os
from pathlib import Path

import pytest

from f2f.errors import StoreError
from f2f.store.artefacts import Artefact, Store
from f2f.types import Span

ARTEFACT = Artefact("stage", "key")


def fill(folder: Path) -> None:
    (folder / "payload.bin").write_bytes(b"content")


def test_an_artefact_appears_whole_with_digests(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert not store.has(ARTEFACT)
    store.make(ARTEFACT, fill, {"inputs": ["a"]})
    assert store.has(ARTEFACT)
    assert store.path(ARTEFACT, "payload.bin").read_bytes() == b"content"
    assert store.meta(ARTEFACT)["inputs"] == ["a"]
    assert list(store.artefacts()) == [ARTEFACT]


def test_a_failed_fill_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def fail(folder: Path) -> None:
        fill(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.make(ARTEFACT, fail, {})
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not store.has(ARTEFACT)


def test_a_damaged_artefact_counts_as_absent_and_is_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path)
    store.make(ARTEFACT, fill, {})
    store.path(ARTEFACT, "payload.bin").write_bytes(b"garbage")
    assert not store.has(ARTEFACT)
    assert "damaged" in caplog.text
    store.make(ARTEFACT, fill, {})
    assert store.has(ARTEFACT)


def test_losing_a_race_keeps_the_first(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def slow(folder: Path) -> None:
        store.make(ARTEFACT, fill, {"by": "the other"})
        (folder / "payload.bin").write_bytes(b"content")

    store.make(ARTEFACT, slow, {"by": "us"})
    assert store.meta(ARTEFACT)["by"] == "the other"
    assert not list(tmp_path.glob("stage/.making-*"))


def test_sweep_removes_only_old_temporary_folders(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.make(ARTEFACT, fill, {})
    old, new = tmp_path / "stage" / ".making-old", tmp_path / "stage" / ".making-new"
    old.mkdir()
    new.mkdir()
    os.utime(old, (0, 0))
    assert store.sweep(older_than=60) == 1
    assert not old.exists()
    assert new.exists()
    assert store.has(ARTEFACT)


def test_an_unwritable_root_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(StoreError, match="cannot write to the store"):
        Store(blocked).make(ARTEFACT, fill, {})


def test_values_round_trip_through_the_store(tmp_path: Path) -> None:
    from f2f.store import values
    from f2f.store.artefacts import VALUE

    store = Store(tmp_path)
    store.make(ARTEFACT, lambda folder: values.write(Span(0.1, 1 / 3), folder / VALUE), {})
    assert store.read(ARTEFACT, Span) == Span(0.1, 1 / 3)
