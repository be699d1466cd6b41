"""Commands that run many files through Prefect; `flows` is imported only when one is called."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
