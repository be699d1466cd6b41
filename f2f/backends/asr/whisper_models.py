"""What both Whisper backends share: where the weights are, and how language codes differ."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from f2f import weights
from f2f.backends import model_files, pinned
from f2f.config import Config
from f2f.errors import ConfigError, MissingError
from f2f.weights import Entry

TEMPERATURES = (0.0, 0.2, 0.5, 0.8)
"""Tried in order until a text is neither repetitive nor improbable (Whisper's own fallback)."""
SEED = 0
"""Above temperature 0 the text is sampled: the same each time."""

_TO_ISO = {"jw": "jv"}
_FROM_ISO = {iso: whisper for whisper, iso in _TO_ISO.items()}


def to_iso(code: str) -> str:
    """Whisper's language code as ISO 639-1."""
    return _TO_ISO.get(code, code)


def from_iso(code: str | None) -> str | None:
    """An ISO 639-1 code as Whisper's."""
    return _FROM_ISO.get(code, code) if code is not None else None


def path_of(config: Config, suffix: str) -> Path:
    """The weights that `recognition.model` names: a path as it is, or a size in the catalogue.

    Args:
        config: the configuration.
        suffix: what the catalogue's names end with after the size, e.g. "-openai".

    Raises:
        ConfigError: neither a path nor a known size; the message lists the sizes.
        MissingError: the weights are not here; the message has the line that brings them.
    """
    model = config.recognition.model
    if _is_path(model):
        path = Path(model).expanduser()
        if not path.exists():
            raise MissingError(f"there are no recogniser weights at {path}")
        return path
    sizes = _sizes(suffix)
    if model not in sizes:
        raise ConfigError(
            f"no recogniser weights of size '{model}'; sizes: {', '.join(sizes)}; "
            "or give a path, e.g. ./my-whisper"
        )
    return weights.locate(sizes[model].name)


def identity(config: Config, suffix: str) -> str:
    """What tells the weights of `recognition.model` apart: for the keys of the store."""
    model = config.recognition.model
    if _is_path(model):
        return model_files.state(Path(model))
    entry = _sizes(suffix).get(model)
    return pinned.identity(entry.name) if entry is not None else model


def gap(config: Config, suffix: str, package: str, line: str) -> str | None:
    """One sentence about a missing package or missing weights, else None."""
    if find_spec(package) is None:
        return f"the package is not installed: {line}"
    try:
        path_of(config, suffix)
    except MissingError as error:
        return str(error)
    return None


def _is_path(model: str) -> bool:
    return "/" in model or model.startswith((".", "~")) or model.endswith(".pt")


def _sizes(suffix: str) -> dict[str, Entry]:
    prefix = "whisper-"
    names = (name for name in weights.catalogue().entries if name.startswith(prefix))
    sizes = {}
    for name in names:
        size, separator, rest = name.removeprefix(prefix).partition("-")
        if separator + rest == suffix:
            sizes[size] = weights.catalogue().entries[name]
    return sizes
