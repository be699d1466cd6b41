"""`f2f store`: what the artefact store holds, and purging it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated

import typer

from f2f import config as configuration
from f2f.errors import ConfigError
from f2f.store.artefacts import Store
from f2f.store.garbage import purge
from f2f.store.remote import open_store

app = typer.Typer(help="The artefact store: what it holds, purging it.", no_args_is_help=True)

Set = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="KEY=VALUE", help="For example store.path=/mnt/store."),
]

_UNITS = {"h": 3600.0, "d": 24 * 3600.0, "w": 7 * 24 * 3600.0}


@app.command("ls")
def ls(set_: Set = None) -> None:
    """Artefacts and megabytes a stage."""
    store = _open(set_)
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for artefact in store.artefacts():
        counts[artefact.stage] += 1
        sizes[artefact.stage] += int(store.meta(artefact).get("bytes", 0))
    for stage, count in sorted(counts.items()):
        typer.echo(f"{stage:16} {count:6} {sizes[stage] / 1e6:10.1f} MB")
    typer.echo(f"{'together':16} {counts.total():6} {sizes.total() / 1e6:10.1f} MB")


@app.command("gc")
def gc(
    older_than: Annotated[
        str | None, typer.Option(help="Age since last made or found: 12h, 30d, 8w.")
    ] = None,
    unneeded: Annotated[
        bool, typer.Option("--unneeded", help="Also whatever no output needs, of any age.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    set_: Set = None,
) -> None:
    """Remove what no young output needs, and what killed runs left."""
    if older_than is None and not unneeded:
        raise ConfigError("say what may go: --older-than 30d, --unneeded, or both")
    seconds = _seconds(older_than) if older_than is not None else None
    result = purge(_open(set_), older_than=seconds, unneeded=unneeded, dry_run=dry_run)
    verb = "would remove" if dry_run else "removed"
    typer.echo(
        f"{verb} {len(result.removed)} artefacts ({result.freed / 1e6:.1f} MB); {result.kept} stay"
    )


@app.command("verify")
def verify(set_: Set = None) -> None:
    """Read everything again; what is damaged goes, and is made again when it is next wanted."""
    store = _open(set_)
    artefacts = list(store.artefacts())
    damaged = [artefact for artefact in artefacts if not store.verify(artefact)]
    for artefact in damaged:
        store.remove(artefact)
        typer.echo(f"removed {artefact}")
    typer.echo(f"{len(artefacts) - len(damaged)} artefacts are whole, {len(damaged)} were damaged")


def _open(overrides: list[str] | None) -> Store:
    return open_store(configuration.load(None, overrides or ()).store.path)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([hdw])", text)
    if match is None:
        raise ConfigError(f"'{text}' is no age; give for example 12h, 30d or 8w")
    return float(match[1]) * _UNITS[match[2]]
