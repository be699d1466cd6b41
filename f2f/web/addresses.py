"""What is a web address rather than a file."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from f2f.errors import MissingError

INSTALL = "pip install 'face-to-face[url]'"
_ADDRESS = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)


def is_address(text: str) -> bool:
    """True for http and https, unless there is a file of that name."""
    return _ADDRESS.fullmatch(text) is not None and not Path(text).exists()


def check_installed(address: str) -> None:
    """Refuse an address where nothing here can fetch it.

    Raises:
        MissingError: with the line that brings what is missing.
    """
    if find_spec("yt_dlp") is None:
        raise MissingError(
            f"{address!r} is a web address: download the video first and give its file, or run "
            f"`{INSTALL}`, with which f2f fetches it"
        )
