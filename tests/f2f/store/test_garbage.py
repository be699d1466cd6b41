from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from f2f.store.artefacts import META, Artefact, Store
from f2f.store.garbage import OUTPUT, purge

DAY = 24 * 3600.0


def make(
    store: Store,
    stage: str,
    letter: str,
    *inputs: Artefact,
    days: float = 0.0,
    parts: tuple[Artefact, ...] = (),
) -> Artefact:
    artefact = Artefact(stage, letter * 32)
    about = {"inputs": [str(item) for item in inputs], "parts": [str(item) for item in parts]}
    store.make(artefact, lambda folder: (folder / "x").write_text("1234") and None, about)
    then = time.time() - days * DAY
    os.utime(store.path(artefact, META), (then, then))
    return artefact


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_young_output_keeps_its_old_inputs(store: Store) -> None:
    source = make(store, "ingest", "a", days=90)
    heard = make(store, "transcribe", "b", source, days=90)
    output = make(store, OUTPUT, "c", heard, days=1)
    stray = make(store, "transcribe", "d", source, days=90)
    result = purge(store, older_than=30 * DAY)
    assert result.removed == (stray,)
    assert result.freed == 4
    assert set(store.artefacts()) == {source, heard, output}


def test_a_kept_output_keeps_what_was_made_on_the_way(store: Store) -> None:
    line = make(store, "spoken_line", "a", days=90)
    stray = make(store, "spoken_line", "b", days=90)
    clips = make(store, "synthesise", "c", days=90, parts=(line,))
    output = make(store, OUTPUT, "d", clips, days=1)
    assert purge(store, older_than=30 * DAY).removed == (stray,)
    assert set(store.artefacts()) == {line, clips, output}


def test_an_old_output_goes_with_what_only_it_needed(store: Store) -> None:
    source = make(store, "ingest", "a", days=90)
    old = make(store, OUTPUT, "b", source, days=60)
    assert set(purge(store, older_than=30 * DAY).removed) == {source, old}


def test_being_found_makes_young(store: Store) -> None:
    output = make(store, OUTPUT, "a", days=60)
    assert not store.obtain(output, lambda _folder: None, {})
    assert purge(store, older_than=30 * DAY).removed == ()


def test_unneeded_spares_the_last_hour(store: Store) -> None:
    fresh = make(store, "ingest", "a")
    stray = make(store, "ingest", "b", days=1)
    assert purge(store, unneeded=True).removed == (stray,)
    assert list(store.artefacts()) == [fresh]


def test_a_dry_run_removes_nothing(store: Store) -> None:
    stray = make(store, "ingest", "b", days=60)
    assert purge(store, older_than=30 * DAY, dry_run=True).removed == (stray,)
    assert store.has(stray)


def test_without_a_rule_nothing_goes(store: Store) -> None:
    make(store, "ingest", "b", days=600)
    assert purge(store).removed == ()
