"""`f2f languages`: what can be spoken and translated, through what, under which licence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from f2f.cli import tables
from f2f.config import Config
from f2f.errors import UnsupportedError

if TYPE_CHECKING:
    from f2f.cli.language_table import Row


def register(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command()(languages)


def languages(
    to: str = typer.Option("", "--to", help="Only this target language, with its voices' names."),
) -> None:
    """Which languages can be spoken and translated, through what, and under which licence.

    A voice and a translation are needed.  With --to, rows with "(voice)" say who speaks, the others
    who translates.

    Example:  f2f languages --to hi
    """
    from f2f.cli import language_table as catalogue
    from f2f.text import language_codes

    rows = catalogue.rows(Config())
    if not to:
        _overview(rows)
        return
    to = language_codes.normalised(to)
    if all(row.target != to for row in rows):
        spoken = sorted({row.target for row in rows} - {catalogue.ANY})
        raise UnsupportedError(f"nobody speaks '{to}' here; choices: {', '.join(spoken)}")
    tables.show(
        ("from", "to", "through", "to download", "licence", "note"),
        [
            (
                row.source or "(voice)",
                row.target,
                row.backend,
                row.download,
                row.licence,
                f"{row.count}: {', '.join(row.voices)}" if row.voices else row.note,
            )
            for row in rows
            if row.target in (to, catalogue.ANY)
        ],
        typed=("from", "to", "through"),
    )


def _overview(rows: Sequence[Row]) -> None:
    """A line a language and no more; licences once a backend."""
    from f2f.cli.language_table import by_target

    voices = [row for row in rows if row.voices]
    tables.show(
        ("spoken", "through", "voices"),
        [(row.target, row.backend, row.count) for row in voices],
        typed=("spoken", "through"),
    )
    typer.echo()
    tables.show(
        ("translated to", "through", "from"),
        [(row.target, row.backend, row.source) for row in by_target(rows[len(voices) :])],
        typed=("translated to", "through"),
    )
    typer.echo()
    needs = [row.download if row.voices else row.note or row.download for row in rows]
    terms = [(row.backend, need, row.licence) for row, need in zip(rows, needs, strict=True)]
    tables.show(("through", "needs", "licence"), dict.fromkeys(terms), typed=("through",))
    typer.echo("\nf2f languages --to LANG names the voices of a language.")
