"""What became of an item, as data on the server: other machines share no memory and no results.

The run of an item keeps its `ItemResult` as a table artifact, which its page shows and the batch
reads; nothing is read out of messages, whose words are Prefect's.
"""

from __future__ import annotations

import json

from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterType,
    FlowRunFilter,
    FlowRunFilterId,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import ArtifactSort

from flows.items.item import ItemResult


def record(result: ItemResult) -> None:
    """Inside the item's flow: keep its result with the run."""
    row = result.model_dump(mode="json")
    create_table_artifact([row], description=f"{result.name}: {result.status}")


def recorded(client: SyncPrefectClient, run: FlowRun) -> ItemResult | None:
    """The last result that the run has kept; None if it ended before it could."""
    found = client.read_artifacts(
        artifact_filter=ArtifactFilter(type=ArtifactFilterType(any_=["table"])),
        flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])),
        sort=ArtifactSort.CREATED_DESC,
        limit=1,
    )
    if not found:
        return None
    (row,) = json.loads(str(found[0].data))
    return ItemResult.model_validate(row)
