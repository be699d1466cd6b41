"""Batches by the clock: served from here, or deployed to a work pool for workers elsewhere."""

from __future__ import annotations

import logging
import os
import zoneinfo
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from f2f.errors import ConfigError
from f2f.store import owners
from flows import server, settings
from flows.batch import Batch
from flows.items import Value

log = logging.getLogger(__name__)

SERVED_BY = "F2F_SERVED_BY"
"""In the environment of a served run: the process that must live for it to go on."""


class Clock(Value):
    """When a batch is due."""

    cron: str
    """Minute, hour, day, month, weekday: `0 1 * * *`."""
    timezone: str = "UTC"
    """Name of a zone, e.g. Asia/Kolkata; daylight saving is followed."""


class Place(Value):
    """Where deployed runs go."""

    pool: str
    """Work pool of process workers; made if it is not there."""
    name: str = "f2f"
    """Name of the deployments: `translate/NAME` and `batch/NAME`."""


def serve(options: Batch, clock: Clock, *, name: str = "f2f") -> None:
    """Run the batch whenever it is due, from this process, until it is stopped.

    Raises:
        ConfigError: the cron line or the time zone is not one.
        InputError: a source cannot be read, or nothing is in any of them.
    """
    _check(options, clock)
    own = not server.given()
    with server.at_hand():
        from prefect import serve as serve_forever
        from prefect.deployments.runner import RunnerDeployment
        from prefect.types.entrypoint import EntrypointType

        from flows.deck import batch

        if own:  # with this process its server goes, and then a run has nobody to report to
            os.environ[SERVED_BY] = owners.here().token
        deployment = cast(
            RunnerDeployment,
            batch.to_deployment(
                name,
                schedule=_schedule(clock),
                parameters=_parameters(options),
                entrypoint_type=EntrypointType.MODULE_PATH,
            ),
        )
        log.info("serving %s, due at '%s' in %s", options.name, clock.cron, clock.timezone)
        serve_forever(deployment, print_starting_message=False)


def deploy(options: Batch, place: Place, clock: Clock | None = None) -> tuple[str, ...]:
    """Deploy to a work pool: `translate/NAME` for items, and `batch/NAME` to send them.

    Needs a server that stays, in PREFECT_API_URL.  Workers see sources, outputs and store under
    the same paths or addresses.

    Returns:
        The deployments' full names.

    Raises:
        ConfigError: no server is configured, or the cron line or the time zone is not one.
    """
    _check(options, clock)
    if not server.given():
        raise ConfigError(
            "a deployment needs a server that stays: start one (`prefect server start`) and set "
            "PREFECT_API_URL, e.g. http://127.0.0.1:4200/api"
        )
    settings.prepare()
    from prefect.deployments.runner import RunnerDeployment
    from prefect.types.entrypoint import EntrypointType

    from flows.deck import batch
    from flows.translate import translate

    _need_pool(place.pool)
    shared: dict[str, Any] = {
        "work_pool_name": place.pool,
        "job_variables": {"env": settings.DEFAULTS},
        "entrypoint_type": EntrypointType.MODULE_PATH,
    }
    items = cast(RunnerDeployment, translate.to_deployment(place.name, **shared))
    items.apply()
    sent = options.model_copy(update={"pool": f"translate/{place.name}"})
    batches = cast(
        RunnerDeployment,
        batch.to_deployment(
            place.name, schedule=_schedule(clock), parameters=_parameters(sent), **shared
        ),
    )
    batches.apply()
    return f"translate/{place.name}", f"batch/{place.name}"


def _check(options: Batch, clock: Clock | None) -> None:
    options.listing()
    if clock is not None:
        _schedule(clock)


def _schedule(clock: Clock | None) -> Any:
    if clock is None:
        return None
    settings.prepare()
    from prefect.client.schemas.schedules import CronSchedule

    if clock.timezone not in zoneinfo.available_timezones():
        raise ConfigError(f"no time zone '{clock.timezone}'; a name is for example Asia/Kolkata")
    try:
        return CronSchedule(cron=clock.cron, timezone=clock.timezone)
    except ValidationError as error:
        raise ConfigError(
            f"'{clock.cron}' is no cron line; five fields, e.g. '0 1 * * *' for one o'clock"
        ) from error


def _parameters(options: Batch) -> dict[str, Any]:
    """The options with absolute paths: a run does not know where it was deployed from."""
    sources = tuple(_absolute(source) for source in options.sources)
    update: dict[str, Any] = {"sources": sources}
    if options.output is not None:
        update["output"] = options.output.absolute()
    return {"options": options.model_copy(update=update).model_dump(mode="json")}


def _absolute(source: str) -> str:
    return str(Path(source).absolute())


def _need_pool(name: str) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound
    from prefect.workers.process import ProcessWorker

    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(name)
        except ObjectNotFound:
            template = ProcessWorker.get_default_base_job_template()
            client.create_work_pool(
                WorkPoolCreate(name=name, type="process", base_job_template=template)
            )
