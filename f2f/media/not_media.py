"""What people give in place of a video, and what to do with it: one sentence each."""

from __future__ import annotations

import os
import re
from pathlib import Path

from f2f.media.opening import is_playlist

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(?=.)")
_ARCHIVES = {b"PK\x03\x04": 0, b"7z\xbc\xaf\x27\x1c": 0, b"Rar!\x1a\x07": 0, b"ustar": 257}
_ARCHIVES |= {b"\x1f\x8b": 0, b"BZh": 0, b"\xfd7zXZ\x00": 0, b"\x28\xb5\x2f\xfd": 0}
"""What archives and compressed files have, by the byte where it stands."""
_PLAYLISTS = {".m3u", ".m3u8", ".pls", ".xspf", ".asx"}


def hint(path: Path) -> str | None:
    """What to do with a web address, folder, archive or playlist; None for anything else.

    Args:
        path: as a person gave it; need not be there.

    Raises:
        OSError: it cannot be read.
    """
    text = str(path)
    if (address := _ADDRESS.match(text)) and not path.exists():
        shown = f"{address[1]}://{text[address.end() :]}"
        return f"{shown!r} is a web address: download the video first, then give its file"
    if path.is_dir():
        return f"{text!r} is a folder, not a file: give one video, or all with f2f batch {text}"
    if not path.is_file() or not os.access(path, os.R_OK):
        return None
    with path.open("rb") as file:
        head = file.read(512)
    if any(head[place:].startswith(magic) for magic, place in _ARCHIVES.items()):
        return f"{text!r} is an archive: unpack it, then give the video that was in it"
    if path.suffix.lower() in _PLAYLISTS or is_playlist(head):
        return f"{text!r} is a playlist, not a video: give the video file that it names"
    return None
