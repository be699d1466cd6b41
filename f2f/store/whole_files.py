"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from f2f.errors import unwritable
from f2f.store import owners

_TEMPORARY = ".f2f-"


def copy_whole(source: Path, target: Path) -> None:
    """Copy so that `target` is either as before or complete."""
    make_whole(target, lambda temporary: shutil.copyfile(source, temporary))


def make_whole(target: Path, fill: Callable[[Path], object]) -> None:
    """Let `fill` write a temporary sibling, then rename it: `target` is as before or complete.

    Raises:
        InputError: the folder cannot be written.
        StoreError: the disk is full.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        name = f"{_TEMPORARY}{owners.here().token}-"
        handle, name = tempfile.mkstemp(prefix=name, dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            fill(temporary)
            temporary.chmod(0o644)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(target, error) from error


def _sweep(folder: Path) -> None:
    """Remove what killed runs of this machine left there."""
    for file in folder.glob(f"{_TEMPORARY}*"):
        owner = owners.parse(file.name)
        if owner is not None and owner.gone:
            file.unlink(missing_ok=True)
