"""JSON for the frozen values: one way in, one way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from f2f.errors import InputError

T = TypeVar("T")


def to_json(value: Any) -> str:
    """Two-space JSON of a frozen dataclass; numbers keep full precision."""
    return TypeAdapter(type(value)).dump_json(value, indent=2).decode()


def from_json(kind: type[T], text: str | bytes) -> T:
    """The value that `to_json` wrote.

    Raises:
        InputError: the text is not JSON or does not have the fields of `kind`.
    """
    try:
        value: T = TypeAdapter(kind).validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"not a valid {kind.__name__}: {where}: {first['msg']}") from error
    return value


def read(kind: type[T], path: Path) -> T:
    """Read a value from a JSON file."""
    return from_json(kind, path.read_bytes())


def write(value: Any, path: Path) -> None:
    """Write a value as JSON (the caller's folder is the atomic unit)."""
    path.write_text(to_json(value), encoding="utf-8")
