"""Names that a manifest's options leave open: `{name}`, `{language}` and `{here}`.

    fill({"translation": "{here}/subtitles/{name}.{language}.srt"}, names)

`{here}` is a folder.  The others become one part of a path and must be one, so that a video's
name never leads out of the folder that the manifest's author has written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from f2f.errors import InputError

_PLACEHOLDER = re.compile(r"\{(name|language|here)\}")


@dataclass(frozen=True, slots=True)
class Names:
    """What stands for the placeholders of one item.

    Raises:
        InputError: a name or language that is no single part of a path.
    """

    name: str
    language: str
    here: Path
    """The manifest's folder."""

    def __post_init__(self) -> None:
        for part in (self.name, self.language):
            if part in {"", ".", ".."} or PurePath(part).name != part or "\0" in part:
                raise InputError(f"{part!r} cannot be part of a file's name")


def fill(value: Any, names: Names) -> Any:
    """The same tree of dicts, lists and texts with the placeholders filled in."""
    if isinstance(value, dict):
        return {key: fill(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, names) for item in value]
    if isinstance(value, str):  # in one pass: a name that looks like a placeholder stays a name
        return _PLACEHOLDER.sub(lambda match: str(getattr(names, match[1])), value)
    return value
