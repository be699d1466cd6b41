"""What a person wrote stays, whatever delivers beside it; our own earlier files are replaced."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from f2f import job
from f2f.config import load
from f2f.delivery import handover
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact, Store
from tests.f2f.delivery.results import a_result
from tests.f2f.media import clips

FILES = ("dub.mp4", "dub.hi.srt", "dub.hi.vtt", "dub.en.srt", "dub.en.vtt")
RESULT = a_result(*FILES[1:])
DELIVERED = (
    *("talk.hi.mp4", "talk.hi.srt", "talk.hi.vtt", "talk.en.srt", "talk.en.vtt"),
    *("talk.hi.report.json", "talk.hi.sources.json"),
)
HAND = "Corrected by hand for an hour.\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("F2F_CACHE", str(folder))
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def deliver(tmp_path: Path, here: Path) -> Callable[..., list[str]]:
    """Deliver one take of a result, or ask with `only_look` whether it lies there."""

    def contents(take: str) -> handover.Contents:
        store, artefact = Store(tmp_path / "store"), Artefact("deliver", take)

        def fill(folder: Path) -> None:
            for name in FILES:
                (folder / name).write_text(f"{name}, take {take}")
            (folder / RESULT.sidecar).write_text(json.dumps({"take": take}))
            values.write(RESULT, folder / VALUE)

        if not store.has(artefact):
            store.make(artefact, fill, {})
        report: handover.Contents = {here / "talk.hi.report.json": f"report of take {take}"}
        return handover.of_result(store, artefact, here / "talk.hi.mp4", more=report)

    def run(take: str, *, only_look: bool = False, sources: tuple[Path, ...] = ()) -> list[str]:
        if only_look:
            return ["yes"] if handover.is_delivered(contents(take), sources=sources) else []
        files = handover.deliver(contents(take), sources=sources)
        return sorted(file.name for file in files)

    return run


@pytest.mark.parametrize("name", DELIVERED)
def test_a_file_that_is_not_ours_stays_whatever_it_is_called(
    here: Path, deliver: Callable[..., list[str]], name: str, caplog: pytest.LogCaptureFixture
) -> None:
    (here / name).write_text(HAND)
    ours = (here / name).with_stem(f"{Path(name).stem}.dub").name
    expected = sorted({*DELIVERED, ours} - {name})
    assert deliver("1") == expected
    assert f"{here / name} stays" in caplog.text and ours in caplog.text
    assert not deliver("2", only_look=True)
    assert deliver("2") == expected  # its own first take is replaced
    assert "take 2" in (here / ours).read_text() or '"take": "2"' in (here / ours).read_text()
    assert deliver("2", only_look=True)
    assert (here / name).read_text() == HAND
    assert len(list(here.iterdir())) == len(DELIVERED) + 1


@pytest.mark.parametrize("name", DELIVERED)
def test_our_own_file_that_was_edited_is_a_person_s(
    here: Path, deliver: Callable[..., list[str]], name: str
) -> None:
    deliver("1")
    edited = (here / name).read_text() + " "
    (here / name).write_text(edited)
    deliver("2")
    assert (here / name).read_text() == edited
    assert len(list(here.iterdir())) == len(DELIVERED) + 1


def test_the_next_free_name_is_taken(here: Path, deliver: Callable[..., list[str]]) -> None:
    for name in ("talk.en.srt", "talk.en.dub.srt"):
        (here / name).write_text(HAND)
    (here / "talk.en.dub.2.srt").mkdir()
    (here / "talk.en.dub.3.srt").symlink_to(here / "nothing")
    assert "talk.en.dub.4.srt" in deliver("1")
    assert "talk.en.dub.4.srt" in deliver("2")


@pytest.mark.parametrize("lost", ["ledger", "sidecar"])
def test_ours_are_known_without_the_store_and_one_of_the_two_lists(
    here: Path, deliver: Callable[..., list[str]], cache: Path, tmp_path: Path, lost: str
) -> None:
    deliver("1")
    shutil.rmtree(tmp_path / "store")
    if lost == "ledger":
        shutil.rmtree(cache)
    else:
        (here / "talk.hi.sources.json").unlink()
    assert deliver("2") == sorted(DELIVERED)


def test_what_was_given_stays_even_if_we_once_made_it(
    here: Path, deliver: Callable[..., list[str]]
) -> None:
    deliver("1")
    own = here / "talk.hi.srt"
    assert "talk.hi.dub.srt" in deliver("2", sources=(own,))
    assert "take 1" in own.read_text()


def test_a_ledger_that_cannot_be_written_stops_no_delivery(
    here: Path, deliver: Callable[..., list[str]], cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache.write_text("no folder")
    assert deliver("1") == sorted(DELIVERED)
    assert "a later run will not replace" in caplog.text


def test_a_transcript_corrected_by_hand_stays(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    times = [Fraction(number, 30) for number in range(60)]
    clip = clips.make(tmp_path / "base.mp4", times, sound=lambda time: np.sin(2000 * time))
    words = tmp_path / "said.srt"
    words.write_text("1\n00:00:00,100 --> 00:00:01,500\nGood morning.\n")
    options = load(
        options={
            "languages.source": "en",
            "recognition.transcript": str(words),
            "store.path": str(tmp_path / "store"),
        }
    )
    monkeypatch.chdir(here)
    assert job.transcribe(clip, options).files == (Path("base.srt"),)
    assert job.transcribe(clip, options).files == (Path("base.srt"),)
    Path("base.srt").write_text(HAND)
    assert job.transcribe(clip, options).files == (Path("base.dub.srt"),)
    assert Path("base.srt").read_text() == HAND
    assert "base.srt stays" in caplog.text
