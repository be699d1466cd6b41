"""Opening a person's file so that it cannot reach anything but itself.

The file is handed to libav as an open file object: its name is never parsed (so `-x.mp4`,
`a%03d.png` or a name with newlines are only names), no protocol is chosen from it, and only the
container formats below are accepted, none of which refers to other files.  Playlists (HLS, DASH,
concat, SDP) are therefore refused before they are read.  libav decodes a little to find out what
is in a file: no picture whose header says that it is larger than `LARGEST_PICTURE`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer

from f2f.errors import InputError
from f2f.media.sizes import LARGEST_PICTURE, bounded

PICTURE_FORMATS = frozenset(
    f"{name}_pipe" for name in ("png", "jpeg", "webp", "bmp", "tiff", "ppm", "pgm", "jpegxl")
)
"""Containers of a single picture."""
FORMATS = (
    PICTURE_FORMATS
    | {"mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpegts", "mpeg"}
    | {"flv", "gif", "apng", "ogg", "asf", "mxf", "nut", "rm", "webp_anim", "h264", "hevc", "dv"}
    | {"wav", "w64", "aiff", "caf", "mp3", "aac", "flac", "ac3", "eac3", "amr", "au", "mpegvideo"}
)
"""Containers that are read; none of them can name another file."""
_PLAYLIST_MARKS = (b"#EXTM3U", b"ffconcat", b"<MPD", b"v=0\n", b"v=0\r", b"[playlist]", b"file ")
_BUFFER_BYTES = 1 << 18


@contextlib.contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The file as a libav container.

    Raises:
        InputError: missing, not a regular file, empty, a playlist, or of no readable format.
    """
    if not path.exists():
        raise InputError(f"there is no file {path}")
    if not path.is_file():
        raise InputError(f"{path} is not a regular file")
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    with file:
        head = file.read(4096)
        file.seek(0)
        if not head:
            raise InputError(f"{path.name} is empty (0 bytes)")
        if is_playlist(head):
            raise InputError(
                f"{path.name} is a playlist, not a video; give the video file that it names"
            )
        try:
            container = av.open(
                _Nameless(file),
                mode="r",
                buffer_size=_BUFFER_BYTES,
                options={
                    "format_whitelist": ",".join(sorted(FORMATS)),
                    "protocol_whitelist": "",
                    **bounded(LARGEST_PICTURE),
                },
            )
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise InputError(
                f"{path.name} is not a video or picture that can be read "
                f"(damaged, cut off, or another kind of file)"
            ) from error
        with container:
            yield container


def is_playlist(head: bytes) -> bool:
    """True if a file that begins so names other files rather than being media."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_PLAYLIST_MARKS)


class _Nameless:
    """A file without a name: libav would guess the format from it."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell
