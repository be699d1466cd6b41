"""The unit of a batch: one video in one language, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from f2f.config import Config
from f2f.errors import F2FError
from flows.items.recipe import DUBBING
from flows.retries import retryable


class Value(BaseModel):
    """A frozen value with strictly checked fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Item(Value):
    """One video into one language; the parameters of a flow run, small and plain."""

    video: Path
    """The source file, seen under this path by every worker."""
    output: Path
    """The result's path."""
    config: Config
    """Strictly checked options; `languages.target` is set."""
    recipe: str = DUBBING
    """What is done: the name of a recipe that is installed."""
    folder: str = ""
    """The name of the video's folder, where another video of the batch has the same name."""
    dask: str | None = None
    """Run stages on Dask: "local" or a scheduler's address, e.g. tcp://10.0.0.5:8786."""

    @property
    def language(self) -> str:
        """The language to speak."""
        return self.config.languages.target or "same"

    @property
    def name(self) -> str:
        """How people know it: `lecture-01.mp4 → hi`, or `day1/lecture.mp4 → hi`."""
        return f"{Path(self.folder) / self.video.name} → {self.language}"


class ItemStatus(StrEnum):
    """What became of an item."""

    DONE = "done"
    UP_TO_DATE = "up to date"
    FAILED = "failed"
    TO_DO = "to do"
    """Only of a dry run."""


class ItemResult(Value):
    """What became of an item: one line of a batch's summary."""

    name: str
    status: ItemStatus
    seconds: float = 0.0
    """Wall time of the item in this batch."""
    ran: tuple[str, ...] = ()
    """Stages that were really run; the others were found in the store."""
    files: tuple[Path, ...] = ()
    """What was delivered."""
    error: str = ""
    """One sentence for a person."""
    exit_code: int = 0
    """What the error means, as in `f2f.errors`."""
    retry: bool = False
    """True if the error is of the kind that may pass on another try."""


def failed(name: str, error: Exception, seconds: float = 0.0) -> ItemResult:
    """The result of an item that failed."""
    foreseen = isinstance(error, F2FError)
    return ItemResult(
        name=name,
        status=ItemStatus.FAILED,
        seconds=round(seconds, 2),
        error=str(error) if foreseen else f"{type(error).__name__}: {error}",
        exit_code=error.exit_code if isinstance(error, F2FError) else 1,
        retry=retryable(error),
    )
