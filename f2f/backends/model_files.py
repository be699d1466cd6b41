"""Model files that a user names: told apart by where they are and when they were last changed."""

from __future__ import annotations

from pathlib import Path


def state(path: Path) -> str:
    """The file or folder, and the time of its newest file: other weights there differ in it."""
    place = path.expanduser().resolve()
    if not place.exists():
        return str(place)
    newest = max(file.stat().st_mtime_ns for file in (place, *place.glob("*")))
    return f"{place} {newest}"
