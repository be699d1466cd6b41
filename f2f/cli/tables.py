"""Tables on standard output whose cells can be copied: never cut short, never read as markup.

On a terminal a cell is wrapped between words and only there.  Columns that do not fit beside the
others move under their row, each with its head.  In a file or a pipe every row is one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

GAP, INDENT = "  ", "    "
READABLE = 24
"""Letters below which a column of text is not worth reading: it goes under its row."""

Cells = tuple[Text, ...]


def show(
    columns: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    typed: Sequence[str] = (),
    console: Console | None = None,
) -> None:
    """Print a table.

    Args:
        columns: their heads, the most telling first.
        rows: one cell a column; a str is shown letter by letter as it is.
        typed: columns of names that people type, which are never wrapped.
        console: where to print; standard output if None.
    """
    console = console or Console(markup=False, emoji=False, highlight=False)
    heads = tuple(Text(column, "bold") for column in columns)
    table = [tuple(Text(c) if isinstance(c, str) else c for c in row) for row in rows]
    fixed = [column in typed for column in columns]
    lines = (
        _wrapped(heads, table, fixed, console)
        if console.is_terminal
        else _lines(heads, table, _natural(heads, table))
    )
    for line in lines:
        line.rstrip()
        console.print(line, soft_wrap=True)


def _wrapped(
    heads: Cells, rows: Sequence[Cells], fixed: Sequence[bool], console: Console
) -> Iterator[Text]:
    """Lines no wider than the console, but for a single word that is."""
    natural = _natural(heads, rows)
    least = [
        width if whole else max(min(width, READABLE), _longest_word(column))
        for width, whole, column in zip(natural, fixed, zip(heads, *rows, strict=True), strict=True)
    ]
    beside = len(heads)
    while beside > 1 and _total(least[:beside]) > console.width:
        beside -= 1
    widths = _shared(natural[:beside], least[:beside], console.width)
    yield from _folded(heads[:beside], widths, console)
    for row in rows:
        yield from _folded(row[:beside], widths, console)
        for head, cell in zip(heads[beside:], row[beside:], strict=True):
            if cell.plain:
                yield from _under(Text.assemble(head, ": ", cell), console)


def _under(text: Text, console: Console) -> Iterator[Text]:
    """A line below its row; what it is too long for hangs one step deeper."""
    room = max(_longest_word([text]), console.width - 2 * len(INDENT))
    for number, line in enumerate(text.wrap(console, room)):
        yield Text(INDENT if number == 0 else 2 * INDENT) + line


def _folded(row: Cells, widths: Sequence[int], console: Console) -> Iterator[Text]:
    cells = [list(cell.wrap(console, width)) for cell, width in zip(row, widths, strict=True)]
    for number in range(max(len(cell) for cell in cells)):
        parts = tuple(cell[number] if number < len(cell) else Text() for cell in cells)
        yield from _lines(parts, (), widths)


def _lines(first: Cells, rows: Iterable[Cells], widths: Sequence[int]) -> Iterator[Text]:
    for row in (first, *rows):
        yield Text(GAP).join(
            cell + Text(" " * (width - cell.cell_len))
            for cell, width in zip(row, widths, strict=True)
        )


def _natural(heads: Cells, rows: Sequence[Cells]) -> list[int]:
    return [max(cell.cell_len for cell in column) for column in zip(heads, *rows, strict=True)]


def _longest_word(cells: Iterable[Text]) -> int:
    return max((cell_len(word) for cell in cells for word in cell.plain.split()), default=1)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _shared(natural: Sequence[int], least: Sequence[int], width: int) -> list[int]:
    """Widths between `least` and `natural`, alike where they must give way, that fill the line."""
    widths = list(least)
    for cap in range(1, width + 1):
        wider = [max(low, min(high, cap)) for low, high in zip(least, natural, strict=True)]
        if _total(wider) > width:
            break
        widths = wider
    return widths
