"""What became of a batch, for people, for programs and as an exit code."""

from __future__ import annotations

from collections import Counter

from f2f.errors import F2FError
from flows.items.item import ItemResult, ItemStatus, Value


class BatchSummary(Value):
    """The results of a batch's items, those of unusable manifest rows last."""

    results: tuple[ItemResult, ...]

    @property
    def failed(self) -> tuple[ItemResult, ...]:
        """The results that need a person."""
        return tuple(item for item in self.results if item.status is ItemStatus.FAILED)

    @property
    def exit_code(self) -> int:
        """0 if none failed; else what they all failed of (as in `f2f.errors`), or 1."""
        codes = {item.exit_code for item in self.failed}
        return codes.pop() if len(codes) == 1 else int(bool(codes))

    @property
    def sentence(self) -> str:
        """`4 done, 1 up to date, 1 failed`."""
        counts = Counter(item.status for item in self.results)
        return ", ".join(f"{counts[status]} {status}" for status in ItemStatus if counts[status])

    def table(self) -> list[tuple[str, str, str, str]]:
        """(item, status, seconds, what there is to know) a line."""
        return [
            (
                item.name,
                str(item.status),
                f"{item.seconds:.1f}" if item.seconds else "",
                item.error or _what_there_is(item),
            )
            for item in self.results
        ]

    def markdown(self) -> str:
        """The table for the Prefect page."""
        lines = [
            f"**{self.sentence}**",
            "",
            "| item | status | s | result |",
            "| --- | --- | --- | --- |",
        ]
        for cells in self.table():
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        return "\n".join(lines)


class BatchFailedError(F2FError):
    """Some items failed; the others are done."""

    def __init__(self, summary: BatchSummary) -> None:
        super().__init__(summary.sentence)
        self.summary = summary


def _what_there_is(item: ItemResult) -> str:
    if item.status is ItemStatus.TO_DO:
        return f"would run {', '.join(item.ran)}" if item.ran else "would run"
    if item.files:
        return str(item.files[0])
    return ""
