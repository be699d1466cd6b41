"""What a file says about itself that its translation keeps: the title, and its chapters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from f2f.media.opening import opened

_KEPT_TAGS = ("title", "artist", "album", "genre", "date", "copyright", "show", "episode_id")
_SPECIAL = re.compile(r"([=;#\\\n])")


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the whole, in seconds from the result's start."""

    start: Fraction
    end: Fraction
    title: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Tags of the whole, and its chapters."""

    tags: dict[str, str]
    chapters: tuple[Chapter, ...]


def kept(path: Path, *, start: Fraction, length: Fraction) -> Kept:
    """What holds for a part of a file as well.

    Args:
        path: the file.
        start: of that part, in seconds on the source's clock.
        length: of that part, in seconds.
    """
    with opened(path) as container:
        stated = {name.lower(): value for name, value in container.metadata.items()}
        found = container.chapters()
    chapters = (
        Chapter(
            max(Fraction(0), one["start"] * one["time_base"] - start),
            min(length, one["end"] * one["time_base"] - start),
            one["metadata"].get("title", ""),
        )
        for one in found
        if one["time_base"]
    )
    return Kept(
        {name: stated[name] for name in _KEPT_TAGS if stated.get(name)},
        tuple(one for one in chapters if one.end > one.start),
    )


def ffmetadata(chapters: Iterable[Chapter]) -> str:
    """The chapters in ffmpeg's own text form, to the millisecond."""
    lines = [";FFMETADATA1"]
    for one in chapters:
        lines += ["[CHAPTER]", "TIMEBASE=1/1000"]
        lines += [f"START={round(one.start * 1000)}", f"END={round(one.end * 1000)}"]
        lines.append("title=" + _SPECIAL.sub(r"\\\1", one.title))
    return "\n".join(lines) + "\n"
