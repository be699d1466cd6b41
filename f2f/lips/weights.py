"""Which weights move the lips: a file that the user names, an imported one, or the shipped one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from f2f import weights
from f2f.errors import ConfigError, MissingError
from lipsync.checkpoint import load_generator
from lipsync.errors import LipsyncError

AUTO, SHIPPED = "auto", "shipped"
IMPORTED = ("wav2lip-gan", "wav2lip")
"""Entries of `f2f.weights` for published generators, best looking first."""
SHIPPED_ENTRY = "wav2lip-small"
"""The entry of the generator that was trained here."""
EXPERT_ENTRY = "sync-expert"
"""The entry of the expert that was trained here."""


@dataclass(frozen=True, slots=True)
class LipWeights:
    """A generator's file, and one line that says which it is and why it was taken."""

    path: Path
    reason: str


def choose(name: str) -> LipWeights:
    """The file for `lips.weights`.

    Args:
        name: auto, shipped, an imported entry's name, or the path of a checkpoint.

    Raises:
        ConfigError: no such file.
        MissingError: nothing was imported, and our own weights are not here.
    """
    if name == SHIPPED:
        return _shipped()
    if name in IMPORTED:
        return LipWeights(weights.locate(name), f"{name}, imported by you")
    if name != AUTO:
        path = Path(name).expanduser()
        if not path.is_file():
            choices = ", ".join((AUTO, SHIPPED, *IMPORTED))
            raise ConfigError(f"lips.weights: no file {name}; choices: {choices}, or a file")
        return LipWeights(path, f"{path.name}, named by you")
    for entry in IMPORTED:
        if weights.missing(entry) is None:
            return LipWeights(weights.locate(entry), f"{entry}, imported by you")
    return _shipped()


def admit(name: str) -> LipWeights:
    """`choose`, and read a file that the user names once, before hours of work depend on it.

    Raises:
        ConfigError: no such file, or it holds no generator.
        MissingError: as `choose`.
    """
    chosen = choose(name)
    if name not in (AUTO, SHIPPED, *IMPORTED):
        try:
            load_generator(chosen.path)
        except LipsyncError as error:
            raise ConfigError(f"lips.weights: {error}") from error
    return chosen


def sync_expert() -> Path:
    """The expert that judges whether a mouth speaks what is heard.

    Raises:
        MissingError: our own weights are not here.
    """
    return weights.locate(EXPERT_ENTRY)


def _shipped() -> LipWeights:
    try:
        path = weights.locate(SHIPPED_ENTRY)
    except MissingError as error:
        raise MissingError(
            f"{error}; or bring the published ones by `f2f models import wav2lip_gan.pth`, "
            "or name a file by --set lips.weights=FILE"
        ) from error
    return LipWeights(path, f"{path.name}, shipped")
