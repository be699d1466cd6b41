"""Purging a store: by age, and by what the outputs still need.

An output (a `deliver` artefact) needs everything that it was made from: with that in the store,
another subtitle style or language costs only the stages that differ.  Old artefacts that no young
output needs are of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from f2f.store.artefacts import Artefact, Store

OUTPUT = "deliver"
"""The stage whose artefacts are what people wanted."""
GRACE = 3600.0
"""Seconds for which a new artefact stays although no output needs it yet: a run may be going."""


@dataclass(frozen=True, slots=True)
class Purge:
    """What was, or would be, removed."""

    removed: tuple[Artefact, ...]
    freed: int
    """Bytes."""
    kept: int
    """Artefacts that stay."""


def purge(
    store: Store, *, older_than: float | None = None, unneeded: bool = False, dry_run: bool = False
) -> Purge:
    """Remove artefacts that nobody needs, and what killed runs left behind.

    Args:
        store: the store; running batches may go on using it.
        older_than: seconds; outputs neither made nor used for longer no longer keep what they
            were made from, and what no output keeps goes when it is as old.
        unneeded: remove whatever no kept output needs, whatever its age (after an hour).
        dry_run: only say what would go.
    """
    artefacts = list(store.artefacts())
    ages = {artefact: store.age(artefact) for artefact in artefacts}
    limit = float("inf") if older_than is None else older_than
    needed: set[Artefact] = set()
    for artefact in artefacts:
        if artefact.stage == OUTPUT and ages[artefact] <= limit:
            needed |= _closure(store, artefact, needed)
    gone = [
        artefact
        for artefact in artefacts
        if artefact not in needed
        and (ages[artefact] > limit or (unneeded and ages[artefact] > GRACE))
    ]
    freed = sum(_size(store, artefact) for artefact in gone)
    if not dry_run:
        for artefact in gone:
            store.remove(artefact)
        store.sweep()
    return Purge(tuple(gone), freed, len(artefacts) - len(gone))


def _closure(store: Store, output: Artefact, known: set[Artefact]) -> set[Artefact]:
    found: set[Artefact] = set()
    waiting = [output]
    while waiting:
        artefact = waiting.pop()
        if artefact in found or artefact in known:
            continue
        found.add(artefact)
        waiting.extend(_inputs(store, artefact))
    return found


def _inputs(store: Store, artefact: Artefact) -> Iterator[Artefact]:
    """What it was made of, and what was made on the way to it (the lines of spoken clips)."""
    meta = _meta(store, artefact)
    for text in (*meta.get("inputs", ()), *meta.get("parts", ())):
        if (needed := Artefact.named(text)) is not None:
            yield needed


def _size(store: Store, artefact: Artefact) -> int:
    return int(_meta(store, artefact).get("bytes", 0))


def _meta(store: Store, artefact: Artefact) -> dict[str, Any]:
    try:
        return store.meta(artefact)
    except (OSError, ValueError):
        return {}  # damaged: needs nothing, and goes by age
