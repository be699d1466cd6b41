"""What a file is that somebody brings: one of the catalogue, or a published checkpoint."""

from __future__ import annotations

import logging
from pathlib import Path

from f2f.errors import InputError
from f2f.store.digests import digest_file
from f2f.weights.catalogue import Catalogue, Entry, PinnedFile

log = logging.getLogger(__name__)


def recognise(path: Path, known: Catalogue) -> tuple[Entry, PinnedFile]:
    """The entry and file that `path` is.

    A file of the catalogue is recognised by its digest, a published checkpoint by the names and
    shapes of its tensors (read without running any code in it).

    Raises:
        InputError: it is neither.
    """
    size = path.stat().st_size
    pairs = [
        (entry, file)
        for entry in known.entries.values()
        for file in entry.files
        if file.size == size
    ]
    if pairs:
        digest = digest_file(path)
        for entry, file in pairs:
            if file.sha256 == digest:
                return entry, file
    return _recognise_checkpoint(path, known)


def _recognise_checkpoint(path: Path, known: Catalogue) -> tuple[Entry, PinnedFile]:
    from lipsync import checkpoint  # imports torch, which nothing else here needs
    from lipsync.errors import CheckpointError

    by_owner = [entry for entry in known.entries.values() if entry.imported is not None]
    # the two published generators have the same tensors: their file names tell them apart
    by_owner.sort(key=lambda entry: ("gan" in entry.name) != ("gan" in path.stem.lower()))
    for entry in by_owner:
        assert entry.imported is not None
        try:
            checkpoint.load(path, checkpoint.KINDS[entry.imported])
        except CheckpointError as error:
            log.info("%s is not %s: %s", path.name, entry.name, error)
            continue
        return entry, entry.files[0]
    choices = ", ".join(entry.files[0].name for entry in by_owner)
    raise InputError(
        f"{path.name} is no file of the catalogue and no published checkpoint ({choices})"
    )
