from __future__ import annotations

from pathlib import Path

from flows.items import Row, Status
from flows.summary import Summary


def row(status: Status, code: int = 0, error: str = "") -> Row:
    return Row(name="a.mp4 → hi", status=status, exit_code=code, error=error)


def test_the_exit_code_says_if_and_what_failed() -> None:
    done = row(Status.DONE)
    assert Summary(rows=(done,)).exit_code == 0
    assert Summary(rows=(done, row(Status.FAILED, 2), row(Status.FAILED, 2))).exit_code == 2
    assert Summary(rows=(row(Status.FAILED, 2), row(Status.FAILED, 5))).exit_code == 1


def test_the_sentence_and_the_tables() -> None:
    summary = Summary(
        rows=(
            Row(name="a", status=Status.DONE, seconds=1.26, files=(Path("/x/a.mp4"),)),
            row(Status.FAILED, 2, "bad | worse"),
            Row(name="b", status=Status.TO_DO, ran=("ingest",)),
        )
    )
    assert summary.sentence == "1 done, 1 failed, 1 to do"
    assert summary.table()[0] == ("a", "done", "1.3", "/x/a.mp4")
    assert summary.table()[2][3] == "would run ingest"
    assert "bad \\| worse" in summary.markdown()
