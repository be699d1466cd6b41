"""The files of a data folder: who speaks in each, and what it is for."""

from __future__ import annotations

import csv
import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from f2f.errors import InputError
from training.data.packed import clip_name

log = logging.getLogger(__name__)

SUFFIXES = (".mp4", ".mkv", ".mov", ".avi", ".webm", ".mpg", ".m4v")
MANIFEST = "manifest.csv"


@dataclass(frozen=True, slots=True)
class Job:
    """One file to pack."""

    path: Path
    file: str
    """Its name inside the data folder."""
    speaker: str
    split: str

    @property
    def clip(self) -> str:
        """Its name among the packed."""
        return clip_name(self.file)


def jobs_of(folder: Path) -> list[Job]:
    """The files of a data folder: those of its `manifest.csv`, else every video in it.

    Without a manifest, a file's folder is its speaker (as in LRS2), and every tenth speaker by
    name is held out for validation. A file that the manifest names twice under different
    speakers has no clear label and is left out.

    Raises:
        InputError: there is no video.
    """
    listed = folder / MANIFEST
    if listed.is_file():
        with listed.open(newline="", encoding="utf-8") as file:
            rows = [(r["file"], r["speaker"], r["split"]) for r in csv.DictReader(file)]
        counts = Counter(name for name, _, _ in set(rows))
        for name in sorted(name for name, count in counts.items() if count > 1):
            log.warning("%s is listed under several speakers, so it is left out", name)
        rows = sorted({row for row in rows if counts[row[0]] == 1})
    else:
        names = sorted(
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.suffix.lower() in SUFFIXES
        )
        speakers = sorted({Path(name).parent.as_posix() for name in names})
        held_out = set(speakers[9::10])
        rows = [
            (name, speaker, "val" if speaker in held_out else "train")
            for name in names
            for speaker in (Path(name).parent.as_posix(),)
        ]
    if not rows:
        raise InputError(f"no video in {folder}")
    return [Job(folder / name, name, speaker, split) for name, speaker, split in rows]
