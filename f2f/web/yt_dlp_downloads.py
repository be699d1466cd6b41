"""What lies at an address, by yt-dlp, which knows the pages of most sites (extra `url`)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from f2f.errors import InputError, StoreError, is_full
from f2f.media.program import ffmpeg_binary
from f2f.web.addresses import check_installed

log = logging.getLogger(__name__)

Watch = Callable[[float, float], None]
"""Told how many bytes of how many are there."""

_LINES = "res:1080"
"""Pictures of more lines take longer and gain nothing for the lips."""
_PATIENCE = 30
"""Seconds without an answer."""
_LONGEST_REASON = 200
_NOISE = re.compile(
    r"\x1b\[[0-9;]*m|^(?:ERROR: )?(?:\[[\w:.+-]+\] )?(?:\S+: )?|; please report this issue .*$|"
    r"\(caused by .*$",
    re.DOTALL,
)
"""What yt-dlp says around the reason."""


@dataclass(frozen=True, slots=True)
class Download:
    """One video, and what its page says about it."""

    file: Path
    title: str
    id: str
    site: str
    uploader: str | None = None
    licence: str | None = None


def download(address: str, folder: Path, *, sound: bool, watch: Watch) -> Download:
    """The video at an address, in an empty folder; a page's has its title and chapters inside.

    Args:
        address: http or https.
        folder: where to write; what is unfinished lies there as well.
        sound: True takes the sound alone where the site has it apart.
        watch: told how far it is.

    Raises:
        MissingError: yt-dlp is not installed.
        InputError: no video lies there, several do, or it cannot be fetched.
        StoreError: the disk is full.
    """
    check_installed(address)
    import yt_dlp

    try:
        with yt_dlp.YoutubeDL(_options(folder, sound=sound, watch=watch)) as client:
            found = _single(client, client.extract_info(address, download=False), address)
            if found.get("live_status") in ("is_live", "is_upcoming") or found.get("is_live"):
                raise InputError(f"{address!r} is live: give its address again when it has ended")
            if not found.get("direct"):  # a file as somebody made it stays as it is
                client.add_post_processor(
                    yt_dlp.postprocessor.FFmpegMetadataPP(client, add_chapters=True)
                )
            done = client.process_ie_result(found, download=True)
    except yt_dlp.utils.DownloadError as error:
        if is_full(error) or "No space left" in str(error):
            raise StoreError(f"cannot write {folder.parent}: No space left on device") from error
        if "Postprocessing: " in str(error):
            raise no_video(address) from error
        raise InputError(f"nothing can be fetched from {address!r}: {_reason(error)}") from error
    files = [Path(one["filepath"]) for one in done.get("requested_downloads") or ()]
    if not files or not files[0].is_file():
        raise no_video(address)
    return Download(
        file=files[0],
        title=str(done.get("title") or done.get("id") or "video"),
        id=str(done.get("id") or ""),
        site=str(done.get("extractor_key") or done.get("extractor") or ""),
        uploader=done.get("uploader"),
        licence=done.get("license"),
    )


def no_video(address: str) -> InputError:
    """Of an address where something else lies, or nothing."""
    return InputError(f"what lies at {address!r} is no video that can be read")


def _single(client: Any, found: Mapping[str, Any] | None, address: str) -> Any:
    """The one video of what was found; a page that shows one is as good as its address."""
    if not found:
        raise no_video(address)
    if found.get("_type") not in ("playlist", "multi_video"):
        return found
    entries = list(found.get("entries") or ())
    if len(entries) != 1:
        if not entries:
            raise no_video(address)
        count = found.get("playlist_count")
        several = f"{count} videos" if count else "several videos"
        raise InputError(f"{address!r} is a playlist ({several}): give the address of one of them")
    return client.extract_info(entries[0]["url"], download=False)


def _options(folder: Path, *, sound: bool, watch: Watch) -> dict[str, Any]:
    def told(state: Mapping[str, Any]) -> None:
        total = state.get("total_bytes") or state.get("total_bytes_estimate")
        if total and state.get("status") == "downloading":
            watch(min(state.get("downloaded_bytes") or 0, total - 1), total)

    return {
        "format": "bestaudio/best" if sound else "bestvideo*+bestaudio/best",
        "format_sort": [_LINES],
        "merge_output_format": "mp4/mkv",
        "outtmpl": {"default": "video.%(ext)s"},  # no name of the site's becomes a path
        "paths": {"home": str(folder)},
        "noplaylist": True,  # of an address that names both, the video
        "extract_flat": "in_playlist",
        "playlistend": 2,
        "ffmpeg_location": ffmpeg_binary(),
        "progress_hooks": [told],
        "logger": _Quiet(),
        "noprogress": True,
        "quiet": True,
        "cachedir": False,
        "socket_timeout": _PATIENCE,
        "retries": 3,
        "fragment_retries": 3,
        "overwrites": True,
    }


class _Quiet:
    """yt-dlp's own words, for whoever asks with --verbose."""

    def debug(self, message: str) -> None:
        log.debug("%s", message)

    info = debug

    def warning(self, message: str) -> None:
        log.info("%s", message)

    error = warning


def _reason(error: Exception) -> str:
    """On one line, without what only yt-dlp's own users need."""
    text = " ".join(_NOISE.sub("", str(error).strip()).split())
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"
