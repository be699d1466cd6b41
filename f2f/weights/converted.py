"""Translation models in CTranslate2's format, made once of a folder that somebody names.

They lie in the weights folder under the digest of what they were made of, so the same model in
another place is not converted again, and a changed one is.
"""

from __future__ import annotations

import logging
from pathlib import Path

from f2f.errors import InputError, StoreError, why
from f2f.store.digests import digest_given, digest_json
from f2f.weights import hub_translators, indictrans_format
from f2f.weights.shelf import Shelf

log = logging.getLogger(__name__)

FOLDER = "converted"
_DIGITS = 24
_RULES = 1
"""Counted up when the same folder is converted in another way."""


def known(folder: Path) -> bool:
    """True if the folder holds a model that can be converted.

    Raises:
        InputError: its config.json cannot be read.
    """
    if not (folder / "config.json").is_file():
        return False
    kind = indictrans_format.settings(folder).get("model_type")
    return kind == indictrans_format.KIND or kind in hub_translators.KINDS


def converted(folder: Path, library: Path, precision: str) -> Path:
    """The converted model's folder, made if it is not there yet.

    Args:
        folder: as published.
        library: the weights folder.
        precision: what the weights are kept in, int8 or float32.

    Raises:
        InputError: the folder is cut short, or its parts do not belong together.
        StoreError: the weights folder cannot be written.
    """
    shelf = Shelf(library / FOLDER)
    home = shelf.folder / f"{_digest(folder)}-{precision}"
    if home.is_dir():
        return home
    make = indictrans_format.convert
    if not indictrans_format.is_published(folder):
        make = hub_translators.convert
    try:
        with shelf.alone(), shelf.scratch() as place:
            if not home.is_dir():  # else another process has made it meanwhile
                log.info("%s is being converted, once (%s)", folder.name, precision)
                made = Path(place) / home.name
                make(folder, made, precision)
                made.rename(home)
    except OSError as error:
        raise StoreError(f"cannot keep {folder.name} in {shelf.folder}: {why(error)}") from error
    return home


def _digest(folder: Path) -> str:
    """Over the names and contents of the folder's own files."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if not files:
        raise InputError(f"{folder} is empty")
    facts = [[path.name, digest_given(path)] for path in files]
    return digest_json([_RULES, facts])[:_DIGITS]
