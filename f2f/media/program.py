"""The ffmpeg program, for what libav in process cannot do: subtitle tracks, libass, rubberband."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from f2f.errors import MissingError, StageError

PATIENCE = 120.0
"""Seconds that any work may take, however short: a busy machine may not start it for a while."""
_LAST_LINES = 4
"""The reason is among them; the very last only says that there was one."""
_OPTIONS = ("-nostdin", "-hide_banner", "-loglevel", "warning", "-y")


@dataclass(frozen=True, slots=True)
class Finished:
    """What ffmpeg wrote to its standard output, and what it said at the level of warnings."""

    output: bytes
    said: str


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


def run(
    graph: Any, *, work: float, target: Path | None = None, given: bytes | None = None
) -> Finished:
    """Run a graph of ffmpeg-python; of the file that it writes all is there or nothing.

    Args:
        graph: what `ffmpeg.output` gives, its files named plainly, so that no name is parsed.
        work: seconds that the work takes at the slowest; `PATIENCE` comes on top.
        target: the file that it writes, in the folder in which all its files lie; None if it
            works through its standard input and output.
        given: its standard input.

    Raises:
        StageError: it failed, with its last words in the message, or did not end in time.
    """
    argv = [ffmpeg_binary(), *_OPTIONS, *ffmpeg.get_args(graph)]
    limit = PATIENCE + work
    folder = None if target is None else target.parent
    try:
        done = subprocess.run(
            argv, cwd=folder, input=given, capture_output=True, timeout=limit, check=True
        )
    except BaseException as error:
        if target is not None:
            target.unlink(missing_ok=True)
        if isinstance(error, subprocess.TimeoutExpired):
            raise StageError(f"ffmpeg was stopped: not done in {limit:.0f} seconds") from error
        if isinstance(error, subprocess.CalledProcessError):
            raise StageError(f"ffmpeg failed: {_last_words(error)}") from error
        raise
    return Finished(done.stdout, _text(done.stderr))


def _last_words(error: subprocess.CalledProcessError) -> str:
    said = _text(error.stderr).splitlines()[-_LAST_LINES:]
    return "; ".join(said) or f"exit code {error.returncode}"


def _text(said: bytes) -> str:
    return said.decode(errors="replace").strip()
