"""The store's own copy of the source, whatever becomes of the user's file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import faces_video as made
import pytest

from f2f.config import Config
from f2f.errors import InputError, StoreError
from f2f.stages import ingest as ingesting
from f2f.stages.ingest import ingest
from f2f.store.artefacts import Store
from f2f.store.digests import digest_file
from f2f.store.stage import Plain
from f2f.types import VideoInfo


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "talk.mp4"
    made.write_video(path, 10)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def ingested(store: Store, video: Path) -> tuple[Path, VideoInfo]:
    artefact = Plain(Config(), store)(ingest, video)
    info = store.read(artefact, VideoInfo)
    return store.path(artefact, info.path), info


@pytest.mark.parametrize("kernel_copies", [True, False])
def test_the_store_holds_a_copy_that_does_not_change_with_the_file(
    store: Store, video: Path, kernel_copies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kernel_copies:

        def refuse(*_args: Any) -> int:
            raise OSError("not between these file systems")

        monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    kept, info = ingested(store, video)
    assert kept.name == "source.mp4" and {"meta.json", "value.json", "source.mp4"} == {
        file.name for file in kept.parent.iterdir()
    }
    assert info.digest == digest_file(kept) == digest_file(video)
    with video.open("r+b") as file:
        file.write(b"changed in place")
    assert digest_file(kept) == info.digest


def test_a_source_that_is_written_while_it_is_copied_is_one_sentence(
    store: Store, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = ingesting._copy

    def slow(source: Path, copied: Path) -> None:
        copy(source, copied)
        with source.open("ab") as file:
            file.write(b"more")

    monkeypatch.setattr(ingesting, "_copy", slow)
    with pytest.raises(InputError, match=r"^talk\.mp4 was changed while it was being read; start"):
        ingested(store, video)
    assert list(store.artefacts()) == []


def test_a_copy_that_is_not_what_the_key_says_is_refused(
    store: Store, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Size and time of change of the user's file may stay as they were."""
    copy = ingesting._copy

    def torn(source: Path, copied: Path) -> None:
        copy(source, copied)
        with copied.open("ab") as file:
            file.write(b"\0")

    monkeypatch.setattr(ingesting, "_copy", torn)
    with pytest.raises(InputError, match=r"^talk\.mp4 was changed"):
        ingested(store, video)


def test_a_kept_source_that_rots_is_noticed_before_a_stage_works_on_it(
    store: Store, video: Path
) -> None:
    kept, _ = ingested(store, video)
    then = kept.stat().st_mtime_ns
    with kept.open("r+b") as file:
        file.seek(100)
        file.write(b"rot")
    os.utime(kept, ns=(then, then))
    later = Store(store.root)
    artefact = Plain(Config(), later)(ingest, video)
    with pytest.raises(StoreError, match="damaged or gone: start again"):
        later.trust(artefact)
    assert ingested(Store(store.root), video)[0] == kept


def test_what_is_no_video_is_refused_by_its_own_name(store: Store, tmp_path: Path) -> None:
    (tmp_path / "letter.mp4").write_text("Dear Sir or Madam")
    with pytest.raises(InputError, match=r"^letter\.mp4 is not a video"):
        ingested(store, tmp_path / "letter.mp4")
