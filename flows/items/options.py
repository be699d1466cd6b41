"""The options of a batch, on the command line and as the parameters of a deployed one."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from f2f.store.digests import digest_json
from flows.items import manifest
from flows.items.item import Value
from flows.items.manifest import Listing, RowDefaults
from flows.items.recipe import DUBBING


class BatchOptions(Value):
    """Options of a batch; the parameters of a deployed one, checked as strictly."""

    sources: tuple[str, ...] = Field(min_length=1)
    """Manifests (.yaml, .csv), folders, globs, videos."""
    only: tuple[Path, ...] = ()
    """Of the videos that are found in them, absolute, those to do; none are all."""
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
    """What is done to an item: the name of a recipe that is installed."""

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
        listing = manifest.read(
            self.sources,
            RowDefaults(
                languages=self.languages,
                output=self.output,
                overrides=self.overrides,
                recipe=self.recipe,
                dask=self.dask,
            ),
        )
        if not self.only:
            return listing
        return Listing(tuple(item for item in listing.items if item.video in self.only))
