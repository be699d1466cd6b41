"""What the formats of subtitles have in common before it is known what of it is spoken."""

from __future__ import annotations

from dataclasses import dataclass

from f2f.types import Span


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption as written."""

    line: int
    """Its line number in the file, from 1."""
    span: Span
    """May be of no length."""
    lines: tuple[str, ...]
    """Without markup; a line that holds the place of one that is not shown yet is empty."""
    speaker: str = ""
    """Whom the format itself names."""
    stamped: bool = False
    """True if its words have times of their own, as in captions that roll."""

    @property
    def text(self) -> str:
        return "\n".join(line for line in self.lines if line)
