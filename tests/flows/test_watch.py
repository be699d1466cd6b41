from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from f2f.errors import ConfigError, InputError, StoreError
from flows import batch, server, watch
from flows.batch import StillRunningError
from flows.items.item import ItemResult, ItemStatus
from flows.items.options import BatchOptions
from flows.items.summary import BatchSummary

Answer = Callable[[BatchOptions], BatchSummary]


def summary(options: BatchOptions, status: ItemStatus) -> BatchSummary:
    items = options.listing().items
    return BatchSummary(results=tuple(ItemResult(name=item.name, status=status) for item in items))


def done(options: BatchOptions) -> BatchSummary:
    return summary(options, ItemStatus.DONE)


def failed(options: BatchOptions) -> BatchSummary:
    return summary(options, ItemStatus.FAILED)


def raising(error: Exception) -> Answer:
    def answer(_options: BatchOptions) -> BatchSummary:
        raise error

    return answer


class Rounds:
    """The batches that would have gone to Prefect, and what comes of each: `done` in the end."""

    def __init__(self) -> None:
        self.seen: list[BatchOptions] = []
        self.answers: list[Answer] = []

    def on_prefect(self, options: BatchOptions) -> BatchSummary:
        self.seen.append(options)
        return (self.answers.pop(0) if self.answers else done)(options)

    @property
    def names(self) -> list[list[str]]:
        return [[video.name for video in options.only] for options in self.seen]


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Rounds:
    @contextlib.contextmanager
    def none() -> Iterator[str]:
        yield "nowhere"

    rounds = Rounds()
    monkeypatch.setattr(server, "running", none)
    monkeypatch.setattr(batch, "on_prefect", rounds.on_prefect)
    monkeypatch.setattr(watch, "_PAUSES", (0.05, 0.1))
    return rounds


def watching(folder: Path) -> Iterator[BatchSummary]:
    return watch.watch(BatchOptions(sources=(str(folder),), languages=("hi",)), every=0.01)


def settled(file: Path) -> Path:
    file.write_text(file.name)
    age(file, 60)
    return file


def age(file: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(file, (then, then))


def test_files_run_once_when_they_have_settled(tmp_path: Path, rounds: Rounds) -> None:
    old, fresh = settled(tmp_path / "old.mp4"), tmp_path / "fresh.mp4"
    fresh.write_text("still being copied")
    looking = watching(tmp_path)
    next(looking)
    assert rounds.names == [["old.mp4"]]
    (item,) = rounds.seen[0].listing().items
    assert item.output == tmp_path / "dubbed" / "old.hi.mp4"
    age(fresh, 60)
    next(looking)
    assert rounds.names[1:] == [["fresh.mp4"]]
    old.write_text("a new cut")
    age(old, 50)
    next(looking)
    assert rounds.names[2:] == [["old.mp4"]]


def test_a_failed_file_is_tried_again_and_a_finished_one_is_not(
    tmp_path: Path, rounds: Rounds
) -> None:
    settled(tmp_path / "a.mp4")
    rounds.answers = [failed, failed, done]
    looking = watching(tmp_path)
    assert [next(looking).exit_code for _ in range(3)] == [0, 0, 0]
    settled(tmp_path / "b.mp4")
    next(looking)
    assert rounds.names == [["a.mp4"]] * 3 + [["b.mp4"]]


@pytest.mark.parametrize(
    "error",
    [
        StillRunningError("the previous run of this batch is still going"),
        StoreError("cannot reach the store"),
        RuntimeError("the server is away"),
    ],
)
def test_a_round_that_fails_as_a_whole_does_not_end_the_watch(
    tmp_path: Path, rounds: Rounds, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    settled(tmp_path / "a.mp4")
    rounds.answers = [raising(error), done]
    assert next(watching(tmp_path)).sentence == "1 done"
    assert rounds.names == [["a.mp4"]] * 2
    assert "looking again later" in caplog.text and str(error) in caplog.text


def test_a_file_that_goes_while_it_is_looked_at_does_not_end_the_watch(
    tmp_path: Path, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, stays = settled(tmp_path / "a.mp4"), settled(tmp_path / "b.mp4")
    listing = BatchOptions.listing
    monkeypatch.setattr(
        BatchOptions, "listing", lambda self: (listing(self), gone.unlink(missing_ok=True))[0]
    )
    next(watching(tmp_path))
    assert rounds.names == [[stays.name]]


def test_a_folder_out_of_reach_is_looked_at_again(
    tmp_path: Path, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(tmp_path / "a.mp4")
    looks = iter([None, OSError("stale handle"), InputError("there is no file 'a.mp4'")])
    listing = BatchOptions.listing

    def unsteady(self: BatchOptions) -> object:
        error = next(looks, None)
        if error is not None:
            raise error
        return listing(self)

    monkeypatch.setattr(BatchOptions, "listing", unsteady)
    next(watching(tmp_path))
    assert rounds.names == [["a.mp4"]]


def test_two_files_for_one_output_are_told_once_and_never_overwrite(
    tmp_path: Path, rounds: Rounds, caplog: pytest.LogCaptureFixture
) -> None:
    settled(tmp_path / "a.mp4")
    settled(tmp_path / "a.mov")
    looking = watching(tmp_path)
    next(looking)
    settled(tmp_path / "b.mp4")
    next(looking)
    assert rounds.names == [["a.mov"], ["b.mp4"]]
    assert caplog.text.count("already becomes") == 1


def test_options_that_serve_no_file_are_refused_at_once(tmp_path: Path, rounds: Rounds) -> None:
    settled(tmp_path / "a.mp4")
    options = BatchOptions(sources=(str(tmp_path),), languages=("hi",), overrides=("deliv.crf=1",))
    with pytest.raises(ConfigError):
        next(watch.watch(options, every=1))


def test_a_manifest_is_not_watched(tmp_path: Path, rounds: Rounds) -> None:
    with pytest.raises(InputError, match="on a schedule"):
        next(watch.watch(BatchOptions(sources=(str(tmp_path / "course.yaml"),)), every=1))
    assert rounds.seen == []


def test_equal_names_in_subfolders_are_files_of_their_own(tmp_path: Path, rounds: Rounds) -> None:
    for day in ("day1", "day2"):
        (tmp_path / day).mkdir()
        settled(tmp_path / day / "talk.mp4")

    def one_failed(options: BatchOptions) -> BatchSummary:
        first, second = options.listing().items
        assert {first.output.parent.name, second.output.parent.name} == {"day1", "day2"}
        return BatchSummary(results=(*done(options).results[:1], *failed(options).results[1:]))

    rounds.answers = [one_failed]
    looking = watching(tmp_path)
    next(looking)
    next(looking)
    assert rounds.names == [["talk.mp4", "talk.mp4"], ["talk.mp4"]]  # the one that failed
    assert rounds.seen[1].only == (tmp_path / "day2" / "talk.mp4",)
