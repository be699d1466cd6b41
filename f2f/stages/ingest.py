"""Ingest: keep the source, look at it, and take out its sound at the rates that are needed.

The store keeps a copy, never a hard link: a link would change with the user's file.  Where the
file system can share blocks (Btrfs, XFS, NFS 4.2), the copy takes no space until one changes.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from f2f import media
from f2f.errors import InputError
from f2f.media import animated_webp
from f2f.media.opening import opened
from f2f.media.timeline import exact_time
from f2f.roles import SPEECH_RATE
from f2f.store.digests import digest_file, digest_given
from f2f.store.stage import Work, stage
from f2f.types import VideoInfo

SPEECH, SOUND = "speech.wav", "sound.wav"
"""Mono at 16 kHz for recognisers; stereo at 48 kHz for the mix.  Absent without sound."""

_GIVEN = "given"
_AT_ONCE = 1 << 30
"""Bytes in one call to the kernel."""
_PLAIN_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@stage(
    version=4,
    settings=lambda config: config.recognition.audio_track,
    packages=lambda config: ("av", "numpy", "pillow", "soundfile"),
)
def ingest(work: Work, video: Path) -> None:
    """Probe `video` (VideoInfo) and put it and its sound into the artefact.

    Raises:
        InputError: the file cannot be used, and why; or it changed while it was being copied.
    """
    take(work, video, media.probe)


def take(work: Work, video: Path, probe: Callable[..., VideoInfo]) -> None:
    """Keep `video` and its sound, and write what `probe` (of a path and a track) says of it."""
    with opened(video):
        pass  # what is no video is refused before it is copied
    copied = work.folder / _GIVEN / video.name  # its own name, for what is said about it
    copied.parent.mkdir()
    _copy(video, copied)
    track = work.config.recognition.audio_track
    shown = _readable(copied)
    info = probe(shown, track=track)
    if shown is not copied:
        info = replace(info, digest=digest_file(copied))
    if info.digest != digest_given(video):
        raise InputError(f"{video.name} was changed while it was being read; start again")
    if info.has_audio:
        media.extract_sound(
            shown,
            (work.folder / SPEECH, SPEECH_RATE, 1),
            (work.folder / SOUND, media.SOUND_RATE, 2),
            start=info.start,
            duration=exact_time(info.frames, info.fps),
            track=track,
        )
    suffix = video.suffix if shown is copied else animated_webp.SUFFIX
    kept = work.folder / f"source{suffix if _PLAIN_SUFFIX.fullmatch(suffix) else ''}"
    shown.rename(kept)
    shutil.rmtree(work.folder / _GIVEN)
    work.write(replace(info, path=kept.name))


def _readable(copied: Path) -> Path:
    """The file that libav can read: of the same name, as messages show it."""
    if not animated_webp.is_animated(copied):
        return copied
    shown = copied.parent / "shown" / copied.name
    shown.parent.mkdir()
    animated_webp.as_video(copied, shown)
    return shown


def _copy(video: Path, copied: Path) -> None:
    """Copy inside the kernel, which shares blocks where it can; else byte by byte."""
    with video.open("rb") as source, copied.open("wb") as target:
        try:
            while os.copy_file_range(source.fileno(), target.fileno(), _AT_ONCE):
                pass
        except (OSError, AttributeError):  # not between these file systems, or not on this system
            source.seek(0)
            target.seek(0)
            shutil.copyfileobj(source, target)
            target.truncate()
