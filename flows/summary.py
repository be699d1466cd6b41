"""What became of a batch, for people, for programs and as an exit code."""

from __future__ import annotations

from collections import Counter

from flows.items import Row, Status, Value


class Summary(Value):
    """The rows of a batch, those of unusable manifest rows last."""

    rows: tuple[Row, ...]

    @property
    def failed(self) -> tuple[Row, ...]:
        """The rows that need a person."""
        return tuple(row for row in self.rows if row.status is Status.FAILED)

    @property
    def exit_code(self) -> int:
        """0 if none failed; else what they all failed of (as in `f2f.errors`), or 1."""
        codes = {row.exit_code for row in self.failed}
        return codes.pop() if len(codes) == 1 else int(bool(codes))

    @property
    def sentence(self) -> str:
        """`4 done, 1 up to date, 1 failed`."""
        counts = Counter(row.status for row in self.rows)
        return ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])

    def table(self) -> list[tuple[str, str, str, str]]:
        """(item, status, seconds, what there is to know) a row."""
        return [
            (
                row.name,
                str(row.status),
                f"{row.seconds:.1f}" if row.seconds else "",
                row.error or _told(row),
            )
            for row in self.rows
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


def _told(row: Row) -> str:
    if row.status is Status.TO_DO:
        return f"would run {', '.join(row.ran)}" if row.ran else "would run"
    if row.files:
        return str(row.files[0])
    return ""
