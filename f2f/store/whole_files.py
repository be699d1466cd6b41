"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
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
def temporary_folder(parent: Path) -> Iterator[Path]:
    """A folder for what is unfinished, which goes again with all that is in it.

    Raises:
        InputError: `parent` cannot be written.
        StoreError: the disk is full.
    """
    with _writing(parent):
        folder = Path(tempfile.mkdtemp(prefix=_prefix(parent), dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prefix(folder: Path) -> str:
    """Of names in a folder, which is there afterwards and holds nothing of killed runs."""
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    return f"{_TEMPORARY}{owners.here().token}-"


@contextlib.contextmanager
def _temporary_beside(target: Path) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(prefix=_prefix(target.parent), dir=target.parent)
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
    for left in folder.glob(f"{_TEMPORARY}*"):
        owner = owners.parse(left.name)
        if owner is None or not owner.gone:
            continue
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
