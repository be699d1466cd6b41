"""Commands that run many files through Prefect; `flows` is imported only when one is called."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from f2f.cli import tables

if TYPE_CHECKING:
    from flows.items.options import BatchOptions
    from flows.items.summary import BatchSummary
    from flows.schedule import Timetable

Sources = Annotated[
    list[str], typer.Argument(help="Manifests (.yaml, .csv), folders, globs or videos.")
]
To = Annotated[list[str] | None, typer.Option("--to", "-t", help="Language; repeat for several.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Folder of the results.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="KEY=VALUE", help="Any option, over the manifest's."),
]
Workers = Annotated[int, typer.Option(min=1, help="Items at once.")]
Tries = Annotated[int, typer.Option(min=1, help="Tries of an item after a lost worker.")]
Dask = Annotated[str | None, typer.Option(help='"local" or the address of a Dask scheduler.')]
Cron = Annotated[str, typer.Option(help='When, e.g. "0 1 * * *".')]
Zone = Annotated[str, typer.Option("--tz", help="Time zone, e.g. Asia/Kolkata.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    for command in (batch, serve, deploy):
        app.command()(command)


def batch(
    sources: Sources,
    to: To = None,
    output: Output = None,
    set_: Set = None,
    workers: Workers = 1,
    tries: Tries = 3,
    dask: Dask = None,
    pool: Annotated[
        str | None, typer.Option(help="Send items to this deployment, e.g. translate/f2f.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would run.")] = False,
    watch: Annotated[
        float | None, typer.Option(help="Look for new files every so many seconds, for ever.")
    ] = None,
) -> None:
    """Many videos into many languages; one that fails never stops the others.

    Examples:  f2f batch course.yaml --workers 2

    f2f batch lectures/ --to hi --to ta --watch 60
    """
    from flows import batch as batches
    from flows import watch as watching

    options = _options(
        sources, to, output, set_, workers=workers, tries=tries, dask=dask, pool=pool
    )
    if watch is not None:
        for summary in watching.watch(options, every=watch):
            _show(summary)
        return
    summary = batches.dry_run(options) if dry_run else batches.run(options)
    _show(summary)
    sys.exit(summary.exit_code)


def serve(
    sources: Sources,
    cron: Cron,
    timezone: Zone = "UTC",
    to: To = None,
    output: Output = None,
    set_: Set = None,
    workers: Workers = 1,
) -> None:
    """Run a batch by the clock, from this process, until it is stopped.

    Example:  f2f serve course.yaml --cron "0 1 * * *" --tz Asia/Kolkata
    """
    from flows import schedule

    logging.getLogger("flows").setLevel(logging.INFO)  # where its server is, and what is due
    options = _options(sources, to, output, set_, workers=workers)
    schedule.serve(options, _timetable(cron, timezone))


def deploy(
    sources: Sources,
    pool: Annotated[str, typer.Option(help="Work pool of process workers.")],
    cron: Annotated[str | None, typer.Option(help="When; without it, on demand.")] = None,
    timezone: Zone = "UTC",
    to: To = None,
    output: Output = None,
    set_: Set = None,
    workers: Annotated[int, typer.Option(min=1, help="Items in flight in the pool.")] = 4,
) -> None:
    """Deploy a batch to a work pool, for workers on one machine or many."""
    from flows import schedule

    target = schedule.Target(pool=pool)
    timetable = _timetable(cron, timezone) if cron is not None else None
    options = _options(sources, to, output, set_, workers=workers)
    for name in schedule.deploy(options, target, timetable):
        typer.echo(f"deployed {name}")


def _options(
    sources: list[str],
    to: list[str] | None,
    output: Path | None,
    set_: list[str] | None,
    *,
    workers: int = 1,
    tries: int = 3,
    dask: str | None = None,
    pool: str | None = None,
) -> BatchOptions:
    from flows.items.options import BatchOptions

    return BatchOptions(
        sources=tuple(sources),
        languages=tuple(to or ()),
        output=output,
        overrides=tuple(set_ or ()),
        workers=workers,
        tries=tries,
        dask=dask,
        pool=pool,
    )


def _timetable(cron: str, timezone: str) -> Timetable:
    from flows.schedule import Timetable

    return Timetable(cron=cron, timezone=timezone)


def _show(summary: BatchSummary) -> None:
    tables.show(("item", "status", "seconds", "result"), summary.table())
    typer.echo(summary.sentence)
