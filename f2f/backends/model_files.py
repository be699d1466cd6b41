"""Model files that a user names: told apart by their names, sizes and times of change."""

from __future__ import annotations

from pathlib import Path

from f2f.store.digests import digest_json

_DIGITS = 16


def state(path: Path) -> str:
    """The name of the file or folder, and a digest over what is known of its files unread.

    Other weights there differ in it; the same weights in another folder do not.
    """
    place = path.expanduser().resolve()
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    facts = [
        [file.relative_to(place).as_posix(), file.stat().st_size, file.stat().st_mtime_ns]
        for file in files
        if file.is_file()
    ]
    return f"{place.name} {digest_json(facts)[:_DIGITS]}"
