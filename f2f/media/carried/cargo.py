"""All that a file carries beside picture and sound, taken out at once."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from f2f.media.carried import chapters, covers, subtitle_tracks, timecodes
from f2f.media.carried.chapters import Chapter
from f2f.media.mux import Track


@dataclass(frozen=True, slots=True)
class Cargo:
    """What `mux` puts into the result."""

    tags: dict[str, str]
    chapters: tuple[Chapter, ...]
    timecode: str | None
    """Of the first frame."""
    covers: tuple[str, ...]
    """Files of pictures."""
    subtitles: tuple[Track, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """All that were written."""
        return (*self.covers, *(track.file for track in self.subtitles))


def take_out(
    path: Path, folder: Path, *, start: Fraction, length: Fraction, rate: Fraction, subtitles: bool
) -> Cargo:
    """What holds for a part of a file; of what MP4 cannot carry a warning tells.

    Args:
        path: the file.
        folder: where covers and subtitles are written.
        start: of that part, in seconds on the source's clock.
        length: of that part, in seconds.
        rate: frames a second of the result.
        subtitles: False leaves those out.
    """
    about = chapters.kept(path, start=start, length=length)
    return Cargo(
        tags=about.tags,
        chapters=about.chapters,
        timecode=timecodes.at(path, start=start, rate=rate),
        covers=covers.extract(path, folder),
        subtitles=subtitle_tracks.extract(path, folder, start=start, length=length)
        if subtitles
        else (),
    )
