"""Every error a person can cause or meet, as one tree.

    F2FError
    ├── InputError         the file, transcript or manifest cannot be used         exit code 2
    ├── ConfigError        an option is unknown or out of range                    exit code 2
    ├── UnsupportedError   no installed backend serves this language pair or role  exit code 3
    ├── MissingError       a package, program or weights file is not here          exit code 4
    ├── StageError         a stage failed on valid input                           exit code 5
    └── StoreError         the store is unusable, or the disk of a result is full  exit code 6

`lipsync` raises its own tree (`lipsync.errors`), which the stages translate into this one.
Ctrl-C ends with exit code 130.  An error's text is one clear sentence for a person.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import ClassVar

_FULL = {errno.ENOSPC, errno.EDQUOT}


class F2FError(Exception):
    """Base of the tree; `exit_code` is what the command line ends with."""

    exit_code: ClassVar[int] = 1


class InputError(F2FError):
    """The given file cannot be used, and the message says why."""

    exit_code = 2


class ConfigError(F2FError):
    """An option is unknown, misspelt or out of range; the message shows the choices."""

    exit_code = 2


class UnsupportedError(F2FError):
    """No backend at hand serves what was asked; the message lists the ways to get one."""

    exit_code = 3


class MissingError(F2FError):
    """A package, program or weights file is missing; the message has the line that brings it."""

    exit_code = 4


class StageError(F2FError):
    """A stage failed although its input was valid."""

    exit_code = 5


class StoreError(F2FError):
    """The artefact store cannot be read or written, or the disk that a result goes to is full."""

    exit_code = 6


def why(error: Exception) -> str:
    """The reason of a library's or the system's error on one line, without number and path."""
    return " ".join(str(getattr(error, "strerror", None) or error).split())


def is_full(error: BaseException | None) -> bool:
    """True if a full disk or a spent quota is behind an error, itself or as its cause."""
    while error is not None:
        if getattr(error, "errno", None) in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False


def unwritable(place: Path, error: OSError) -> F2FError:
    """What to raise where a result cannot be written: a full disk is no mistake of the input."""
    kind = StoreError if is_full(error) else InputError
    return kind(f"cannot write {place}: {why(error)}")
