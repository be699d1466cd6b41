"""The command line; `main` imports its commands itself, so that Ctrl-C is met from the start on."""

from __future__ import annotations

import os
import sys

_STOPPED = 130
_UNSUPPORTED = 3
_POSIX = os.name == "posix"
"""False on Windows: files are locked by fcntl, and workers end with their process group."""


def main() -> None:
    """Run the command line; a foreseen error is one sentence on stderr and its exit code."""
    # Before any thread pool exists: a spinning OpenMP wait cost 2.4x on a busy 2-core machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    if not _POSIX:
        _say("this runs on Linux and macOS; on Windows, run it inside WSL")
        sys.exit(_UNSUPPORTED)
    try:
        _run()
    except KeyboardInterrupt:
        _stopped()
    except SystemExit as ended:
        if ended.code == _STOPPED:  # Typer has met the KeyboardInterrupt
            _stopped()
        raise


def _run() -> None:
    from f2f.cli.app import app
    from f2f.errors import F2FError
    from lipsync.errors import LipsyncError

    try:
        app()
    except F2FError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except LipsyncError as error:
        _say(f"lips: {error}")
        sys.exit(5)


def _stopped() -> None:
    _say("stopped; what was finished is kept, and the same command goes on from there")
    sys.exit(_STOPPED)


def _say(sentence: str) -> None:
    from rich.console import Console
    from rich.text import Text

    said = Text.assemble(("f2f:", "bold red"), f" {sentence}")
    Console(stderr=True).print(said, soft_wrap=True)
