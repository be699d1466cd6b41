from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from f2f.errors import InputError
from f2f.voices import voice_book


def test_what_the_file_says_stays(tmp_path: Path) -> None:
    path = tmp_path / "series" / "voices.yaml"
    assert voice_book.read(path, "hi") == {}
    assert voice_book.remember(path, "hi", {"A": "deep"}) == {"A": "deep"}
    assert voice_book.remember(path, "hi", {"A": "low", "B": "high"}) == {"A": "deep", "B": "high"}
    voice_book.remember(path, "ta", {"A": "light"})
    assert voice_book.read(path, "hi") == {"A": "deep", "B": "high"}
    assert voice_book.read(path, "ta") == {"A": "light"}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("written", "code"),
    [("hi", "hi"), ("Hindi", "hi"), ("hin", "hi"), ("hi-IN", "hi"), ("no", "no"), ("'no'", "no")],
)
def test_languages_as_people_write_them(tmp_path: Path, written: str, code: str) -> None:
    path = tmp_path / "voices.yaml"
    path.write_text(f"{written}:\n  Anna: high\n", encoding="utf-8")
    assert voice_book.read(path, code) == {"Anna": "high"}
    assert voice_book.remember(path, code, {"Anna": "low", "S2": "low"})["Anna"] == "high"
    path.write_text("Klingonish:\n  Anna: high\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"voices.yaml: 'Klingonish' is no language"):
        voice_book.read(path, code)


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "voices.yaml"
    path.write_text("- a list", encoding="utf-8")
    with pytest.raises(InputError, match="voices are languages"):
        voice_book.read(path, "hi")


def _add(path: Path, worker: int) -> None:
    for number in range(5):
        voice_book.remember(path, "hi", {f"{worker}-{number}": "low"})


@pytest.mark.slow
def test_several_processes_lose_nobody(tmp_path: Path) -> None:
    path = tmp_path / "voices.yaml"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add, args=(path, worker)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert len(voice_book.read(path, "hi")) == 20
