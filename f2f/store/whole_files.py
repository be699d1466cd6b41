"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from f2f.errors import unwritable
from f2f.store import owners

_TEMPORARY = ".f2f-"

Fill = Callable[[Path], object]
"""Writes the content to the path that it gets."""


def make_whole(target: Path, fill: Fill) -> None:
    """`make_all` for one file."""
    make_all({target: fill})


def make_all(fills: Mapping[Path, Fill]) -> None:
    """Fill temporary siblings, and rename them only when all are complete.

    Raises:
        InputError: a folder cannot be written.
        StoreError: the disk is full.
    """
    with contextlib.ExitStack() as made:
        complete: dict[Path, Path] = {}
        for target, fill in fills.items():
            with _writing(target):
                complete[target] = made.enter_context(_temporary_beside(target))
                fill(complete[target])
                complete[target].chmod(0o644)
        for target, temporary in complete.items():
            with _writing(target):
                temporary.replace(target)


@contextlib.contextmanager
def _temporary_beside(target: Path) -> Iterator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target.parent)
    prefix = f"{_TEMPORARY}{owners.here().token}-"
    handle, name = tempfile.mkstemp(prefix=prefix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable(target, error) from error


def _sweep(folder: Path) -> None:
    """Remove what killed runs of this machine left there."""
    for file in folder.glob(f"{_TEMPORARY}*"):
        owner = owners.parse(file.name)
        if owner is not None and owner.gone:
            file.unlink(missing_ok=True)
