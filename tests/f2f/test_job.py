from __future__ import annotations

import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest

from f2f import job
from f2f.config import Config, from_tree
from f2f.delivery import origins, report
from f2f.delivery.dub import Dub
from f2f.delivery.files import Result
from f2f.errors import InputError
from f2f.plan import Plan
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact, Store
from f2f.store.digests import digest_file


@dataclass(frozen=True)
class Told:
    """What stands for a report."""

    scores: str = "good"


@dataclass(frozen=True)
class Spoken:
    """What stands for its speech."""

    source: Artefact


@dataclass(frozen=True)
class Delivered:
    """What stands for a dub: its source and its files."""

    result: Artefact
    spoken: Spoken


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for path, reason in (
        (tmp_path / "absent.mp4", "no file"),
        (tmp_path, "is a folder, not a file"),
        (tmp_path / ("x" * 300), "cannot read"),
        (empty, "zero bytes"),
    ):
        with pytest.raises(InputError, match=reason):
            job.check_file(path)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def dub(store: Store, monkeypatch: pytest.MonkeyPatch) -> Dub:
    """A result of a video, its subtitles and its sidecar."""
    monkeypatch.setattr(report, "of", lambda *_: Told())
    monkeypatch.setattr(report, "summary", lambda _: "")
    result = Result(
        video="dub.mp4",
        subtitles=("dub.hi.srt",),
        sidecar="dub.sources.json",
        frames=1,
        fps=Fraction(25),
        codec="h264",
        mark="off",
        changed_frames=0,
    )

    def fill(folder: Path) -> None:
        values.write(result, folder / VALUE)
        for name in (result.video, *result.subtitles):
            (folder / name).write_text(name)
        (folder / result.sidecar).write_text('{"generator": "face-to-face"}')

    source = store.make(
        Artefact("ingest", "key"), lambda _folder: None, {"inputs": ["/videos/talk.mp4"]}
    )
    made = store.make(Artefact("deliver", "key"), fill, {})
    return cast(Dub, Delivered(made, Spoken(source)))


@pytest.mark.parametrize("config", [Config(), "talk.hi.srt is a source"])
def test_what_is_delivered_is_known_by_its_content_and_nothing_is_copied(
    tmp_path: Path,
    store: Store,
    dub: Dub,
    config: Config | str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = tmp_path / "talk.hi.mp4"
    if not isinstance(config, Config):
        given = tmp_path / "talk.hi.srt"
        given.write_text("a person's own")
        config = from_tree({"translation": {"translation": str(given)}})
    plan = Plan(config)
    assert not job.is_delivered(dub, plan, store, output)
    files = job.finish(dub, plan, store, output).files
    origin = origins.recall([digest_file(output)])
    assert origin is not None
    assert (origin.source, origin.config.translation) == (
        Path("/videos/talk.mp4"),
        config.translation,
    )
    monkeypatch.setattr(shutil, "copyfile", lambda *_: pytest.fail("a file was copied"))
    assert job.is_delivered(dub, plan, store, output)
    for file in files:
        content = file.read_bytes()
        file.write_bytes(content[:-1] + b"?")
        assert not job.is_delivered(dub, plan, store, output)
        file.unlink()
        assert not job.is_delivered(dub, plan, store, output)
        file.write_bytes(content)
    assert job.is_delivered(dub, plan, store, output)
    assert len(files) == 4
