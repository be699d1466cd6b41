from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import f2f
from f2f import config
from f2f.errors import InputError
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Plain, Stage, Work, stage
from f2f.types import Span


@stage(version=1, settings=lambda c: (c.delivery, c.recognition.transcript))
def first(work: Work, source: Path) -> None:
    work.advance(1, 2)
    work.write(Span(0.0, float(len(source.read_bytes()))))


@stage(version=1, settings=lambda c: c.speech.voice)
def second(work: Work, before: Artefact) -> None:
    work.write(Span(work.read(before, Span).end, 100.0))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "video"
    path.write_bytes(b"abc")
    return path


def chain(video: Path, run: Plain) -> Artefact:
    return run(second, run(first, video))


def test_finished_stages_are_not_repeated(tmp_path: Path, video: Path) -> None:
    store = Store(tmp_path / "store")
    runs = Plain(config.Config(), store), Plain(config.Config(), store)
    results = [chain(video, run) for run in runs]
    assert results[0] == results[1]
    assert runs[0].ran == ["first", "second"]
    assert runs[1].ran == []
    assert store.read(results[0], Span) == Span(3.0, 100.0)


@pytest.mark.parametrize(
    ("override", "repeated"),
    [
        ("delivery.crf=30", ["first", "second"]),
        ("speech.voice=a", ["second"]),
        ("faces.every=2", []),
    ],
)
def test_only_what_depends_on_an_option_is_repeated(
    tmp_path: Path, video: Path, override: str, repeated: list[str]
) -> None:
    store = Store(tmp_path / "store")
    chain(video, Plain(config.Config(), store))
    again = Plain(config.load(overrides=(override,)), store)
    chain(video, again)
    assert again.ran == repeated


def test_a_file_counts_by_content_not_by_name(tmp_path: Path, video: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(video.read_bytes())
    options = config.Config()
    assert first.artefact(options, video) == first.artefact(options, copy)
    copy.write_bytes(b"abd")
    assert first.artefact(options, video) != first.artefact(options, copy)


def test_a_file_named_by_an_option_counts_by_content(tmp_path: Path, video: Path) -> None:
    subtitles = tmp_path / "talk.srt"
    options = config.load(options={"recognition.transcript": subtitles})
    with pytest.raises(InputError, match=r"talk\.srt"):
        first.artefact(options, video)
    subtitles.write_text("one")
    before = first.artefact(options, video)
    subtitles.write_text("two")
    assert first.artefact(options, video) != before


@stage(version=1, settings=lambda c: c.recognition.transcript)
def spoiled(work: Work, source: Path, other: Path) -> None:
    """Somebody saves the other file while this stage reads."""
    other.write_bytes(other.read_bytes() + b"!")
    work.write(Span(0.0, 1.0))


@pytest.mark.parametrize("changed", ["video", "talk.srt"])
def test_a_file_that_changes_while_it_is_read_gives_no_artefact(
    tmp_path: Path, video: Path, changed: str
) -> None:
    subtitles = tmp_path / "talk.srt"
    subtitles.write_text("one")
    options = config.load(options={"recognition.transcript": subtitles})
    store = Store(tmp_path / "store")
    with pytest.raises(InputError, match=f"^{changed} was changed while it was being read; start"):
        Plain(options, store)(spoiled, video, tmp_path / changed)
    assert list(store.artefacts()) == []


@stage(version=1, settings=lambda c: ())
def doubled(work: Work, source: Artefact) -> None:
    part = Artefact("part", "1")
    work.obtain(part, lambda folder: (folder / "x").write_text("x") and None, {})
    work.write(work.read(source, Span))


def test_what_is_made_on_the_way_is_recorded(tmp_path: Path, video: Path) -> None:
    store = Store(tmp_path / "store")
    run = Plain(config.Config(), store)
    meta = store.meta(run(doubled, run(first, video)))
    assert meta["parts"] == ["part/1"]
    assert store.meta(run(first, video))["parts"] == []


def test_the_versions_that_made_it_are_recorded(tmp_path: Path, video: Path) -> None:
    made = Stage("first", 1, first.settings, first.fill, lambda c: ("numpy", "no-such-package"))
    store = Store(tmp_path / "store")
    packages = store.meta(Plain(config.Config(), store)(made, video))["packages"]
    assert packages == {"face-to-face": f2f.__version__, "numpy": np.__version__}


def test_a_run_asks_for_an_artefact_once(
    tmp_path: Path, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Artefact] = []
    obtain = Store.obtain

    def count(store: Store, artefact: Artefact, *rest: Any, **more: Any) -> bool:
        asked.append(artefact)
        return obtain(store, artefact, *rest, **more)

    monkeypatch.setattr(Store, "obtain", count)
    run = Plain(config.Config(), Store(tmp_path / "store"))
    chain(video, run)
    other = run.with_config(config.load(overrides=("speech.voice=a",)))
    chain(video, other)
    assert [artefact.stage for artefact in asked] == ["first", "second", "second"]
    assert run.ran == ["first", "second", "second"]


def test_a_new_version_makes_a_new_key(video: Path) -> None:
    newer = Stage(first.name, first.version + 1, first.settings, first.fill)
    assert newer.artefact(config.Config(), video) != first.artefact(config.Config(), video)


def test_progress_starts_at_zero_and_ends_at_the_total(tmp_path: Path, video: Path) -> None:
    seen: list[tuple[str, float, float]] = []
    watch = Plain(config.Config(), Store(tmp_path), lambda *step: seen.append(step))
    watch(first, video)
    assert seen == [("first", 0.0, 1.0), ("first", 1, 2), ("first", 1.0, 1.0)]
