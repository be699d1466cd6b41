"""Many videos into many languages: one flow run each, and one failing never stops the others.

summary = batch.run(Batch(sources=("course.yaml",), workers=2))
sys.exit(summary.exit_code)
"""

from __future__ import annotations

import glob
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import Field

from f2f.errors import F2FError, InputError
from f2f.store.digests import digest_json
from flows import manifest, server
from flows.items import Value
from flows.manifest import Common, Listing
from flows.recipe import DUBBING
from flows.summary import Summary
from flows.worker import Request, Wish, answer

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

log = logging.getLogger(__name__)


class Batch(Value):
    """Options of a batch; the parameters of a deployed one, checked as strictly."""

    sources: tuple[str, ...] = Field(min_length=1)
    """Manifests (.yaml, .csv), folders, globs, videos."""
    languages: tuple[str, ...] = ()
    """Target languages, where a manifest's rows name none."""
    output: Path | None = None
    """Folder of the results; None is `dubbed` beside the manifest or in the folder."""
    overrides: tuple[str, ...] = ()
    """`key=value` options over the manifest's."""
    workers: int = Field(default=1, ge=1)
    """Items at once on this machine, or in flight in a work pool."""
    tries: int = Field(default=3, ge=1)
    """How often an item may be tried after a lost worker or a broken line."""
    pool: str | None = None
    """Deployment to send the items to (`translate/f2f`), for workers on other machines."""
    dask: str | None = None
    """Run stages on Dask: "local" or a scheduler's address."""
    recipe: str = DUBBING
    """What is done to an item, as "module:function"."""

    @property
    def name(self) -> str:
        """How people know it."""
        return ", ".join(Path(source).name or source for source in self.sources)

    @property
    def identity(self) -> str:
        """What must not run twice at once."""
        sources = [str(Path(source).absolute()) for source in self.sources]
        return digest_json([sources, self.languages, str(self.output), self.overrides])[:16]

    def listing(self) -> Listing:
        """The items, and the rows that cannot be used.

        Raises:
            InputError: a source cannot be read, or nothing is in any of them.
        """
        return manifest.read(
            self.sources,
            Common(
                languages=self.languages,
                output=self.output,
                overrides=self.overrides,
                recipe=self.recipe,
                dask=self.dask,
            ),
        )


class StillRunningError(F2FError):
    """The previous run of the same batch is still going; this one is left out."""


class BatchFailedError(F2FError):
    """Some items failed; the others are done."""

    def __init__(self, summary: Summary) -> None:
        super().__init__(summary.sentence)
        self.summary = summary


def run(options: Batch) -> Summary:
    """Run a batch on Prefect: on the configured server, or on one that lives as long as this call.

    Raises:
        InputError: a source cannot be read, or nothing is in any of them.
        StillRunningError: the same batch is being run by somebody else.
    """
    options.listing()  # refuse a bad source before a server is started for it
    with server.at_hand() as url:
        log.info("Prefect server: %s", url)
        return _on_prefect(options)


def dry_run(options: Batch) -> Summary:
    """What `run` would do, item by item; starts nothing, not even a server."""
    listing = options.listing()
    rows = [answer(Request(wish=Wish.CHECK, item=item)) for item in listing.items]
    return Summary(rows=(*rows, *listing.bad))


def watch(options: Batch, *, every: float, settle: float = 30.0) -> Iterator[Summary]:
    """Run files as they arrive in folders or globs; one summary a round with work.

    Args:
        options: the batch; its sources must not be manifests.
        every: seconds between two looks.
        settle: a file that changed within so many seconds is still being copied, and waits.
    """
    if any(manifest.is_manifest(source) for source in options.sources):
        raise InputError("only folders and globs can be watched; run a manifest on a schedule")
    seen: set[tuple[str, int]] = set()
    with server.at_hand():
        while True:
            fresh = [file for file in _settled(options, settle) if _mark(file) not in seen]
            if fresh:
                seen |= {_mark(file) for file in fresh}
                sources = tuple(str(file) for file in fresh)
                output = options.output or _home(options.sources[0]) / "dubbed"
                yield _on_prefect(options.model_copy(update={"sources": sources, "output": output}))
            time.sleep(every)


def _on_prefect(options: Batch) -> Summary:
    from flows.deck import batch

    state = cast("State[Summary]", batch(options, return_state=True))
    if state.is_cancelled():
        raise StillRunningError(state.message or "the batch is already running")
    try:
        summary = state.result()
    except BatchFailedError as error:
        summary = error.summary
    return summary


def _settled(options: Batch, settle: float) -> list[Path]:
    try:
        items = options.listing().items
    except InputError:  # still empty
        return []
    files = sorted({item.video for item in items})
    return [file for file in files if time.time() - file.stat().st_mtime >= settle]


def _mark(file: Path) -> tuple[str, int]:
    return str(file), file.stat().st_mtime_ns


def _home(source: str) -> Path:
    path = Path(source)
    if path.is_dir():
        return path
    return Path() if glob.has_magic(str(path.parent)) else path.parent
