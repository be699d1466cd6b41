"""`voices.yaml`: the voices of a series' speakers, the same in every file.

    hi:
      Anna: hf_alpha
      S2: hm_omega

The speakers' names are those of the transcripts; the languages may be written in any way.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from f2f.errors import ConfigError, InputError, unwritable
from f2f.store.whole_files import make_whole
from f2f.text import language_codes

log = logging.getLogger(__name__)


def read(path: Path, language: str) -> dict[str, str]:
    """Speaker → voice name of one language; empty if there is no file yet.

    Raises:
        InputError: the file cannot be read or is not languages → speakers → voices.
    """
    return {str(key): str(name) for key, name in _tables(path).get(language, {}).items()}


def remember(path: Path, language: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Add speakers to the file; what it already says stays, and is what counts.

    Args:
        path: voices.yaml; several processes may add to it at once.
        language: the target language.
        chosen: speaker → voice name.

    Returns:
        The speakers of `chosen` with the voices that the file now gives them.

    Raises:
        InputError: the file cannot be read or written.
        StoreError: the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent):
            tables = _tables(path)
            known = tables.setdefault(language, {})
            new = {speaker: name for speaker, name in chosen.items() if speaker not in known}
            known.update(new)
            if new:
                text = yaml.safe_dump(tables, allow_unicode=True, sort_keys=True)
                make_whole(path, lambda place: place.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise unwritable(path, error) from error
    if new:
        log.info("%s now names %s", path, ", ".join(f"{key}: {name}" for key, name in new.items()))
    return {speaker: str(known[speaker]) for speaker in chosen}


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While nobody else adds to a file of this folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _tables(path: Path) -> dict[str, dict[str, str]]:
    try:
        tables = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot read the voices {path}: {error}") from error
    if not isinstance(tables, dict) or not all(
        isinstance(table, dict | None) for table in tables.values()
    ):
        raise InputError(
            f"{path.name}: voices are languages → speakers → voices, see f2f languages"
        )
    found: dict[str, dict[str, str]] = {}
    for written, table in tables.items():
        found.setdefault(_code(path, written), {}).update(table or {})
    return found


def _code(path: Path, written: object) -> str:
    if written is False:
        return "no"  # which YAML reads as false
    try:
        return language_codes.normalised(written)
    except ConfigError as error:
        raise InputError(f"{path.name}: {error}") from error
