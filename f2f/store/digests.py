"""SHA-256 of what the keys of the store are made of."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from f2f.errors import InputError, why

_CHUNK = 1 << 20


def digest_file(path: Path) -> str:
    """SHA-256 of a file's content, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def digest_given(path: Path) -> str:
    """The same of a file of the user's, read again only where its size or time of change differs.

    A long video or large weights are read once a process, not once a stage.

    Raises:
        InputError: it cannot be read, or it is no regular file.
    """
    if path.exists() and not path.is_file():  # a pipe would be read for ever
        raise InputError(f"{path} is not a regular file")
    try:
        stat = path.stat()
        return _remembered(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise InputError(f"cannot read {path}: {why(error)}") from error


@functools.lru_cache(maxsize=256)
def _remembered(path: Path, _size: int, _modified_ns: int) -> str:
    return digest_file(path)


def digest_json(value: Any) -> str:
    """SHA-256 of plain values in canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
