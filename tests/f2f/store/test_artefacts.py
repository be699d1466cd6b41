from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from f2f.errors import InputError, StoreError
from f2f.store import contents
from f2f.store.artefacts import Artefact, Store
from f2f.store.contents import META
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
    store.path(ARTEFACT, "payload.bin").write_bytes(b"garbage!")
    assert not store.has(ARTEFACT)
    assert "damaged" in caplog.text
    store.make(ARTEFACT, fill, {})
    assert store.has(ARTEFACT)


def rot(store: Store) -> None:
    """Change the content, and neither size nor time: as a bad disk does."""
    path = store.path(ARTEFACT, "payload.bin")
    then = path.stat().st_mtime_ns
    path.write_bytes(b"c0ntent")
    os.utime(path, ns=(then, then))


def test_a_warm_hit_reads_no_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(tmp_path).make(ARTEFACT, fill, {})

    def read(path: Path) -> str:
        raise AssertionError(f"{path} is read")

    monkeypatch.setattr(contents, "digest_file", read)
    assert not Store(tmp_path).obtain(ARTEFACT, lambda _folder: None, {})


def test_a_silent_change_is_noticed_before_work_and_mended_by_the_next_run(
    tmp_path: Path,
) -> None:
    Store(tmp_path).make(ARTEFACT, fill, {})
    store = Store(tmp_path)
    rot(store)
    assert store.has(ARTEFACT)
    assert not store.verify(ARTEFACT)
    with pytest.raises(StoreError, match="stage/key is damaged or gone: start again"):
        store.trust(ARTEFACT)
    assert store.obtain(ARTEFACT, fill, {})
    store.trust(ARTEFACT)


def test_a_copied_store_is_read_once_and_then_known_by_its_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.make(ARTEFACT, fill, {})
    os.utime(store.path(ARTEFACT, "payload.bin"))
    assert store.has(ARTEFACT)
    monkeypatch.setattr(contents, "digest_file", lambda path: "read again")
    assert store.has(ARTEFACT)


HOSTILE = (
    "/etc/outside",
    "../outside",
    "deep/../../outside",
    "C:/outside",
    "a\\b",
    "nul\0",
    "",
    ".",
    "x" * 300,
    META,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_leads_out_of_an_artefact_is_damage(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path)
    store.make(ARTEFACT, fill, {})
    meta: dict[str, Any] = store.meta(ARTEFACT)
    meta["files"][name] = meta["files"]["payload.bin"]
    store.path(ARTEFACT, META).write_text(json.dumps(meta))
    assert not store.has(ARTEFACT)
    assert store.obtain(ARTEFACT, fill, {})
    assert store.has(ARTEFACT)


@pytest.mark.parametrize("files", [None, [], {"a": "digest"}, {"a": {}}, {"payload.bin": None}])
def test_a_list_of_files_that_is_none_is_damage(tmp_path: Path, files: object) -> None:
    store = Store(tmp_path)
    store.make(ARTEFACT, fill, {})
    store.path(ARTEFACT, META).write_text(json.dumps({"files": files}))
    assert not store.has(ARTEFACT)


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/a", "a\\b", "a\0", "C:"])
def test_stage_and_key_are_plain_names(name: str) -> None:
    for parts in ((name, "key"), ("stage", name)):
        with pytest.raises(InputError, match="cannot"):
            Artefact(*parts)
        assert Artefact.named("/".join(parts)) is None
    assert Artefact.named("stage/key") == ARTEFACT


@pytest.mark.parametrize("name", ["/etc/passwd", "../key/payload.bin", ".."])
def test_a_payload_is_asked_for_by_a_name_inside(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        Store(tmp_path).path(ARTEFACT, name)


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
