"""The videos of a folder as people have them: with subfolders, results, leftovers of programs.

A result goes into the same subfolder of the output folder as its source has, so that two files of
one name do not meet.
"""

from __future__ import annotations

import functools
import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from f2f.delivery import destinations, own_results
from f2f.text import language_codes

VIDEOS = {".mp4", ".mkv", ".mov", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ts"}
OUTPUT = "dubbed"
"""Folder of the results where none was named."""
_NOT_A_PERSONS = {
    *("$recycle.bin", "system volume information", "@eadir", "#recycle", "lost+found"),
    *("__macosx", "trash", OUTPUT),
}
"""Folders of systems and of results, in small letters."""
_UNFINISHED = {".part", ".crdownload", ".download", ".temp", ".tmp"}
"""What a download has in its name until it is complete."""


def rows(source: str, output: Path | None, languages: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a manifest for the videos of a folder or glob: input and output folder, absolute.

    Results are left out: what lies in the output folder, what f2f has marked as its own, and
    `talk.pt.mp4` where Portuguese is wanted of a `talk.mp4`.

    Args:
        source: a folder, which is searched with its subfolders, or a glob.
        output: folder of the results; None is `dubbed` in the folder, or here for a glob.
        languages: that are wanted, as people write them.
    """
    root, found = _found(source)
    default = root / OUTPUT if Path(source).is_dir() else Path(OUTPUT)
    results = (output or default).absolute()
    return [
        {"input": str(file), "output": str(results / file.parent.relative_to(root))}
        for file in _without_results(found, root, results, languages)
    ]


def _found(source: str) -> tuple[Path, list[Path]]:
    """A folder and the videos below it, absolute and in order."""
    path = Path(source).absolute()
    if path.is_dir():
        return path, sorted(_below(path))
    fixed = takewhile(lambda part: not glob.has_magic(part), path.parent.parts)
    root = Path(*fixed)
    names = glob.glob(str(path), recursive=True)  # noqa: PTH207 (absolute patterns)
    files = (Path(name) for name in names)
    return root, sorted(
        file
        for file in files
        if file.is_file() and all(map(_is_a_persons, file.relative_to(root).parts))
    )


def _below(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = filter(_is_a_persons, folders)
        for name in filter(_is_a_persons, names):
            file = Path(folder, name)
            if file.suffix.lower() in VIDEOS and file.is_file():
                yield file


def _is_a_persons(name: str) -> bool:
    """False for the name of what is hidden, a program's own, or not yet complete."""
    low = name.lower()
    hidden = low.startswith((".", "~$")) or low in _NOT_A_PERSONS
    return not hidden and _UNFINISHED.isdisjoint(Path(low).suffixes)


def _without_results(
    files: Iterable[Path], root: Path, results: Path, languages: Sequence[str]
) -> list[Path]:
    if results != root and results.is_relative_to(root):
        files = [file for file in files if not file.is_relative_to(results)]
    files = list(files)
    endings = [f".{language_codes.normalised(language)}" for language in languages]
    versions = {f"{file.stem}{ending}" for file in files for ending in endings}
    return [file for file in files if file.stem not in versions and not _is_own(file)]


def _is_own(file: Path) -> bool:
    try:
        stat = file.stat()
    except OSError:  # removed since the folder was listed
        return False
    return file.suffix.lower() in destinations.VIDEO and _was_own(
        file, stat.st_size, stat.st_mtime_ns
    )


@functools.lru_cache(maxsize=1 << 14)  # a watched folder is listed again and again
def _was_own(file: Path, _size: int, _modified_ns: int) -> bool:
    return own_results.is_own_video(file)
