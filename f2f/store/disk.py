"""A full or read-only disk, as the store's fault and in one sentence."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from f2f.errors import StoreError, is_full, why

_FULL = 1 << 20
"""Free bytes below which a failed write is the disk's fault."""
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


@contextlib.contextmanager
def writing(root: Path) -> Iterator[None]:
    """Around the store's own writes below `root`."""
    try:
        yield
    except OSError as error:
        raise _unwritable(root, why(error)) from error


@contextlib.contextmanager
def filling(root: Path) -> Iterator[None]:
    """Around a stage that writes below `root`: its own failures stay what they are."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        if error.errno in _UNWRITABLE:
            raise _unwritable(root, why(error)) from error
        raise
    except Exception as error:  # libraries and programs report a full disk in their own ways
        if is_full(error) or shutil.disk_usage(root).free < _FULL:
            raise _unwritable(root, "no space left on device") from error
        raise


def _unwritable(root: Path, reason: str) -> StoreError:
    return StoreError(f"cannot write to the store {root}: {reason}")
