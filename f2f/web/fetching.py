"""A video from the web becomes a file beside the results, and is fetched once."""

from __future__ import annotations

import contextlib
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from f2f.delivery.destinations import named
from f2f.errors import F2FError, InputError
from f2f.media import has_picture
from f2f.safe_names import file_stem
from f2f.store import values
from f2f.store.digests import digest_file
from f2f.store.stage import Progress, silent
from f2f.store.whole_files import make_all, temporary_folder
from f2f.web import yt_dlp_downloads
from f2f.web.yt_dlp_downloads import Download, Watch

log = logging.getLogger(__name__)

RECORD = ".web.json"
"""Ending of the file, after the video's whole name, that says where it is from."""
_STEP = "download"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file is from."""

    address: str
    title: str
    id: str
    site: str
    uploader: str | None
    licence: str | None
    sound: bool
    """True if it has no picture, because the sound was enough."""
    digest: str


class Downloader(Protocol):
    """Puts what lies at an address into an empty folder; see `yt_dlp_downloads.download`."""

    def __call__(self, address: str, folder: Path, *, sound: bool, watch: Watch) -> Download: ...


def fetched(
    address: str,
    folder: Path,
    *,
    sound: bool = False,
    progress: Progress = silent,
    download: Downloader = yt_dlp_downloads.download,
) -> Path:
    """The file of a video, named by its title; fetched only if it does not lie there already.

    Args:
        address: http or https.
        folder: of the results.
        sound: the sound is enough.
        progress: told how far it is.
        download: who fetches it.

    Raises:
        F2FError: see `yt_dlp_downloads.download`; or another file has that name.
    """
    known = _known(address, folder, sound=sound)
    if known is not None:
        log.info("%s was fetched before: %s", address, known)
        return known
    with temporary_folder(folder) as unfinished:
        got = download(
            address,
            unfinished,
            sound=sound,
            watch=lambda done, total: progress(_STEP, done, total),
        )
        try:
            pictured = has_picture(got.file)
        except InputError as error:
            raise yt_dlp_downloads.no_video(address) from error
        origin = Origin(
            *(_plain(address), got.title, got.id, got.site, got.uploader, got.licence),
            sound=sound and not pictured,
            digest=digest_file(got.file),
        )
        place = _place(got, origin, folder)
        make_all(
            {
                place: got.file.replace,
                _record_of(place): lambda file: values.write(origin, file),
            }
        )
    progress(_STEP, 1, 1)
    return place


def _known(address: str, folder: Path, *, sound: bool) -> Path | None:
    for record in sorted(folder.glob(f"*{RECORD}")):
        file = record.with_name(record.name.removesuffix(RECORD))
        with contextlib.suppress(F2FError, OSError, ValueError):
            origin = values.read(Origin, record)
            if origin.address != _plain(address) or (origin.sound and not sound):
                continue
            if file.is_file() and digest_file(file) == origin.digest:
                return file
    return None


def _place(got: Download, origin: Origin, folder: Path) -> Path:
    """Where the file goes: a name of its title, where nothing of anybody else lies."""
    suffix = got.file.suffix.lower()
    stem = file_stem(got.title)
    for name in (stem, f"{stem} [{file_stem(got.id)}]"):
        place = named(name, suffix, folder)
        if not place.exists() or (place.is_file() and digest_file(place) == origin.digest):
            return place
    raise InputError(
        f"{place} is there already and is another file than lies at {origin.address!r}: "
        "move it away, or give -o in another folder"
    )


def _plain(address: str) -> str:
    """Without a name and a password, which no file needs to keep."""
    return re.sub(r"(?<=://)[^/@]*@", "", address)


def _record_of(place: Path) -> Path:
    return place.with_name(place.name + RECORD)
