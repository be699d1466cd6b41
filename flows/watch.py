"""Files that arrive in folders: each is run when it has settled, and again if it failed."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from f2f.errors import F2FError, InputError
from flows import batch, server
from flows.items import manifest
from flows.items.item import Item, ItemStatus
from flows.items.manifest import NothingToTranslateError
from flows.items.options import BatchOptions
from flows.items.summary import BatchSummary

log = logging.getLogger(__name__)

SETTLE = 30.0
"""Seconds for which a file must stay as it is before it is run."""
_PAUSES = (60.0, 3600.0)
"""Seconds before a failed file is tried again: at first, growing, at the most."""


def watch(options: BatchOptions, *, every: float, settle: float = SETTLE) -> Iterator[BatchSummary]:
    """Run files as they arrive in folders or globs; one summary a round with work.

    A round that fails as a whole, such as for a server or a disk that is away, is told in the log,
    and its files come again as failed ones do.

    Args:
        options: the batch; its sources must not be manifests.
        every: seconds between two looks.
        settle: a file that changed within so many seconds is still being copied, and waits.

    Raises:
        InputError: a manifest is among the sources, or their options can serve no file.
    """
    if any(manifest.is_manifest(source) for source in options.sources):
        raise InputError("only folders and globs can be watched; run a manifest on a schedule")
    watched = _Watched(options, settle)
    watched.look()
    with server.running():
        while True:
            due = watched.due()
            summary = _run(options, list(due)) if due else None
            watched.note(due, summary)
            if summary is not None:
                yield summary
            time.sleep(every)


@dataclass(slots=True)
class _Seen:
    """What a watch knows of a file."""

    changed: int
    """Its time of change in ns; with another one it is a new file."""
    failures: int = 0
    due: float = 0.0
    """When to run it, by the monotonic clock; infinite once it is done."""

    def fail(self) -> None:
        first, longest = _PAUSES
        self.due = time.monotonic() + min(first * 2**self.failures, longest)
        self.failures += 1


class _Watched:
    """The files of a batch's folders, and what came of each."""

    def __init__(self, options: BatchOptions, settle: float) -> None:
        self._options = options
        self._settle = settle
        self._seen: dict[Path, _Seen] = {}
        self._reported: set[str] = set()

    def look(self) -> dict[Path, list[Item]]:
        """The files there are, with their items; why others cannot be used is logged once.

        Raises:
            F2FError: no file can be used, all for the same reason.
        """
        try:
            listing = self._options.listing()
        except NothingToTranslateError:  # still empty
            return {}
        for bad in listing.bad:
            if bad.name not in self._reported:
                self._reported.add(bad.name)
                log.warning("%s: %s", bad.name, bad.error)
        files: dict[Path, list[Item]] = {}
        for item in listing.items:
            files.setdefault(item.video, []).append(item)
        return files

    def due(self) -> dict[Path, list[Item]]:
        """The files to run now, with their items."""
        try:
            files = self.look()
        except (F2FError, OSError) as error:  # a file removed meanwhile, a folder out of reach
            log.warning("%s; looking again later", error)
            return {}
        for gone in self._seen.keys() - files.keys():
            del self._seen[gone]
        return {video: items for video, items in files.items() if self._is_due(video)}

    def note(self, due: dict[Path, list[Item]], summary: BatchSummary | None) -> None:
        """What came of the files that were due; without a summary all failed."""
        results = summary.results if summary is not None else ()
        bad = {item.name for item in results if item.status is ItemStatus.FAILED}
        good = {item.name for item in results} - bad
        for video, items in due.items():
            if good.issuperset(item.name for item in items):
                self._seen[video].due = math.inf
            else:
                self._seen[video].fail()

    def _is_due(self, video: Path) -> bool:
        try:
            changed = video.stat().st_mtime_ns
        except OSError:  # removed since the folder was listed
            return False
        seen = self._seen.get(video)
        if seen is None or seen.changed != changed:
            seen = self._seen[video] = _Seen(changed)
        settled = time.time() - changed / 1e9 >= self._settle
        return settled and time.monotonic() >= seen.due


def _run(options: BatchOptions, videos: list[Path]) -> BatchSummary | None:
    """Run some files; None if the round could not be begun or ended early."""
    try:
        return batch.on_prefect(options.model_copy(update={"only": tuple(videos)}))
    except F2FError as error:  # such as: another process runs the same files
        log.warning("%s; looking again later", error)
    except Exception:  # whatever it is, such as a server that is away: the next round may succeed
        log.exception("this round failed; looking again later")
    return None
