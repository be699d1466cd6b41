"""One line from the batch to a worker process."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from flows.items.item import Item, Value


class Action(StrEnum):
    """What a worker does with an item."""

    CHECK = "check"
    """Is it complete? No work is done."""
    RUN = "run"


class Request(Value):
    """What a worker is to do."""

    action: Action
    item: Item
    run_id: UUID | None = None
    """The flow run that the batch has made for the item."""
