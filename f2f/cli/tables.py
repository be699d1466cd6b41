"""Tables on standard output whose cells can be copied: never cut short, never read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


def show(
    columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, typed: Sequence[str] = ()
) -> None:
    """Print a table.

    Args:
        columns: their heads.
        rows: one cell a column; a str is shown letter by letter as it is.
        typed: columns of names that people type, which are folded last.
    """
    table = Table(box=None)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in typed)
    for cells in rows:
        table.add_row(*cells)
    Console(markup=False, emoji=False, highlight=False).print(table)
