from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import fake_recipe
import numpy as np
import pytest

from f2f.config import load
from f2f.errors import InputError
from f2f.store.artefacts import Store
from f2f.store.stage import Plain
from flows.items.check import check
from flows.items.item import Item, ItemStatus
from flows.items.options import BatchOptions
from flows.items.recipe import dubbing
from flows.workers.requests import Action, Request
from flows.workers.worker import handle


@pytest.fixture
def item(course: BatchOptions) -> Item:
    return course.listing().items[0]


def make(item: Item) -> Store:
    store = Store(Path(item.config.store.path))
    result = fake_recipe.translate(item.video, Plain(item.config, store))
    fake_recipe.finish(result, fake_recipe.Plan(item.config), store, item.output)
    return store


def test_nothing_is_there_yet(item: Item) -> None:
    row = check(item)
    assert row.status is ItemStatus.TO_DO
    assert row.ran[0] == "ingest" and row.ran[-1] == "deliver"
    assert len(row.ran) == 8  # each named once, however often the pipeline asks for it


def test_a_finished_item_is_known_by_its_content(item: Item) -> None:
    make(item)
    assert check(item).status is ItemStatus.UP_TO_DATE
    item.video.write_text("another cut")
    assert check(item).status is ItemStatus.TO_DO


def test_a_lost_or_changed_output_is_delivered_again(item: Item) -> None:
    make(item)
    item.output.write_text("overwritten")
    assert check(item).status is ItemStatus.TO_DO and check(item).ran == ()
    item.output.unlink()
    assert check(item).status is ItemStatus.TO_DO


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_text("damaged")])
def test_a_lost_or_changed_file_beside_it_counts_too(
    item: Item, damage: Callable[[Path], object]
) -> None:
    make(item)
    assert check(item).status is ItemStatus.UP_TO_DATE
    damage(item.output.with_suffix(".srt"))
    assert check(item).status is ItemStatus.TO_DO
    make(item)
    assert check(item).status is ItemStatus.UP_TO_DATE


def test_what_is_no_video_fails_at_a_glance(item: Item) -> None:
    item.video.write_text("no video")
    row = handle(Request(action=Action.CHECK, item=item))
    assert (row.status, row.exit_code, row.error) == (ItemStatus.FAILED, 2, "it is no video")


@pytest.mark.parametrize("transcript", ["null", "talk.srt"])
def test_a_video_without_sound_needs_a_transcript(tmp_path: Path, transcript: str) -> None:
    video = tmp_path / "silent.mp4"
    with av.open(str(video), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        black = np.zeros((64, 64, 3), np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(black)))
        container.mux(stream.encode())
    config = load(overrides=(f"recognition.transcript={transcript}",))
    if transcript == "null":
        with pytest.raises(InputError, match=r"silent\.mp4 has no sound"):
            dubbing().look(video, config)
    else:
        dubbing().look(video, config)


def test_a_damaged_artefact_is_to_do(item: Item) -> None:
    store = make(item)
    spoiled = next(artefact for artefact in store.artefacts() if artefact.stage == "transcribe")
    store.path(spoiled, fake_recipe.PAYLOAD).write_text("rotten")
    assert check(item).ran == ("transcribe",)


def test_an_unknown_language_has_to_be_heard_first(item: Item) -> None:
    languages = item.config.languages.model_copy(update={"source": None})
    config = item.config.model_copy(update={"languages": languages})
    unknown = item.model_copy(update={"config": config})
    assert check(unknown).status is ItemStatus.TO_DO
    make(unknown)
    assert check(unknown).status is ItemStatus.UP_TO_DATE


def test_a_recipe_that_is_not_there_is_a_row_not_an_end(item: Item) -> None:
    wrong = item.model_copy(update={"recipe": "nowhere"})
    row = handle(Request(action=Action.CHECK, item=wrong))
    assert row.status is ItemStatus.FAILED and not row.retry
    assert row.error == "there is no recipe 'nowhere'; choices: dubbing, fake"
