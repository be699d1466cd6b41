"""`f2f models`: the weights that the stages need."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from f2f import weights
from f2f.cli import tables
from f2f.errors import StoreError

app = typer.Typer(help="Weights: list, pull, verify, import.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """Every file set, its licence, its size, and whether it is here."""
    _print(weights.listing())
    for name, members in weights.catalogue().sets.items():
        typer.echo(f"set {name}: {', '.join(members)}")


@app.command()
def pull(
    names: Annotated[list[str], typer.Argument(help="Sets or entries; see `f2f models list`.")],
) -> None:
    """Bring weights from the first source that has them; what is here is not fetched again.

    Examples:  f2f models pull default

    f2f models pull spleeter-2stems
    """
    if not sys.stderr.isatty():
        weights.pull(names, _Lines())
    else:
        with Progress(
            TextColumn("{task.description:32}"),
            BarColumn(),
            DownloadColumn(),
            console=Console(stderr=True),
        ) as progress:
            weights.pull(names, _Bars(progress))
    typer.echo(f"{', '.join(names)}: complete in {weights.cache_folder()}")


@app.command()
def verify() -> None:
    """Read and hash every file that is here."""
    statuses = weights.verify()
    _print(statuses)
    damaged = [item.entry.name for item in statuses if item.state is weights.State.DAMAGED]
    if damaged:
        raise StoreError(f"damaged: {', '.join(damaged)}; `f2f models pull` brings them again")


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="E.g. wav2lip_gan.pth.")]) -> None:
    """Take in a file that you have: a published checkpoint, or any file of the catalogue.

    Example:  f2f models import wav2lip_gan.pth
    """
    status = weights.import_file(file)
    typer.echo(f"{file.name} is {status.entry.name}: {status.entry.about}\n{status.path}")


def _print(statuses: tuple[weights.Status, ...]) -> None:
    rows = []
    for status in statuses:
        entry = status.entry
        megabytes = f"{entry.size / 1e6:.1f}" if entry.size else "–"
        rows.append((entry.name, status.state.value, megabytes, entry.licence, entry.about))
    tables.show(("name", "state", "MB", "licence", "what it is"), rows, typed=("name",))


class _Lines:
    def __init__(self) -> None:
        self._tenths: dict[str, int] = {}

    def __call__(self, name: str, done: float, total: float, /) -> None:
        tenth = int(10 * done / max(total, 1))
        if tenth != self._tenths.get(name):
            self._tenths[name] = tenth
            typer.echo(f"{name}: {10 * tenth}% of {total / 1e6:.1f} MB", err=True)


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, name: str, done: float, total: float, /) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done)
