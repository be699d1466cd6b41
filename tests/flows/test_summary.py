from __future__ import annotations

from pathlib import Path

from flows.items.item import ItemResult, ItemStatus
from flows.items.summary import BatchSummary


def row(status: ItemStatus, code: int = 0, error: str = "") -> ItemResult:
    return ItemResult(name="a.mp4 → hi", status=status, exit_code=code, error=error)


def test_the_exit_code_says_if_and_what_failed() -> None:
    done = row(ItemStatus.DONE)
    assert BatchSummary(results=(done,)).exit_code == 0
    assert (
        BatchSummary(results=(done, row(ItemStatus.FAILED, 2), row(ItemStatus.FAILED, 2))).exit_code
        == 2
    )
    assert (
        BatchSummary(results=(row(ItemStatus.FAILED, 2), row(ItemStatus.FAILED, 5))).exit_code == 1
    )


def test_the_sentence_and_the_tables() -> None:
    summary = BatchSummary(
        results=(
            ItemResult(name="a", status=ItemStatus.DONE, seconds=1.26, files=(Path("/x/a.mp4"),)),
            row(ItemStatus.FAILED, 2, "bad | worse"),
            ItemResult(name="b", status=ItemStatus.TO_DO, ran=("ingest",)),
        )
    )
    assert summary.sentence == "1 done, 1 failed, 1 to do"
    assert summary.table()[0] == ("a", "done", "1.3", "/x/a.mp4")
    assert summary.table()[2][3] == "would run ingest"
    assert "bad \\| worse" in summary.markdown()
