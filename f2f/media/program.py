"""The ffmpeg program, for what libav in process cannot do: subtitle tracks and libass."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg

from f2f.errors import MissingError, StageError


def ffmpeg_binary() -> str:
    """The ffmpeg that the imageio-ffmpeg wheel carries, else the system's.

    The wheel's comes first because its version and parts are known.

    Raises:
        MissingError: there is neither.
    """
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        found = shutil.which("ffmpeg")
        if found is None:
            raise MissingError("no ffmpeg: run `pip install imageio-ffmpeg`") from error
        return found


def run(arguments: Sequence[str], folder: Path) -> str:
    """Run ffmpeg inside `folder`, where all files are named plainly, so that no name is parsed.

    Returns:
        What ffmpeg said, at the level of warnings.

    Raises:
        StageError: it failed; its last words are in the message.
    """
    options = ("-nostdin", "-hide_banner", "-loglevel", "warning", "-y")
    argv = [ffmpeg_binary(), *options, *arguments]
    done = subprocess.run(argv, cwd=folder, capture_output=True, check=False)
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode:
        raise StageError(f"ffmpeg failed: {said.splitlines()[-1] if said else done.returncode}")
    return said
