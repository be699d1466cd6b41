"""Batches by the clock: served from here, or deployed to a work pool for workers elsewhere."""

from __future__ import annotations

import logging
import zoneinfo
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from f2f.errors import ConfigError
from flows import server, settings
from flows.items.item import Value
from flows.items.options import BatchOptions

log = logging.getLogger(__name__)


class Timetable(Value):
    """When a batch is due."""

    cron: str
    """Minute, hour, day, month, weekday: `0 1 * * *`."""
    timezone: str = "UTC"
    """Name of a zone, e.g. Asia/Kolkata; daylight saving is followed."""


class Target(Value):
    """Where deployed runs go."""

    pool: str
    """Work pool of process workers; made if it is not there."""
    name: str = "f2f"
    """Name of the deployments: `translate/NAME` and `batch/NAME`."""


def serve(options: BatchOptions, timetable: Timetable, *, name: str = "f2f") -> None:
    """Run the batch whenever it is due, from this process, until it is stopped.

    Raises:
        ConfigError: the cron line or the time zone is not one.
        InputError: a source cannot be read, or nothing is in any of them.
    """
    _check(options, timetable)
    own = not server.configured()
    with server.running():
        from prefect import serve as serve_forever
        from prefect.deployments.runner import RunnerDeployment
        from prefect.types.entrypoint import EntrypointType

        from flows.batch_flow import batch
        from flows.tracking import served

        if own:  # with this process its server goes, and then a run has nobody to report to
            served.announce()
        deployment = cast(
            RunnerDeployment,
            batch.to_deployment(
                name,
                schedule=_schedule(timetable),
                parameters=_parameters(options),
                entrypoint_type=EntrypointType.MODULE_PATH,
            ),
        )
        log.info("serving %s, due at '%s' in %s", options.name, timetable.cron, timetable.timezone)
        serve_forever(deployment, print_starting_message=False)


def deploy(
    options: BatchOptions, target: Target, timetable: Timetable | None = None
) -> tuple[str, ...]:
    """Deploy to a work pool: `translate/NAME` for items, and `batch/NAME` to send them.

    Needs a server that stays, in PREFECT_API_URL.  Workers see sources, outputs and store under
    the same paths or addresses.

    Returns:
        The deployments' full names.

    Raises:
        ConfigError: no server is configured, or the cron line or the time zone is not one.
    """
    _check(options, timetable)
    if not server.configured():
        raise ConfigError(
            "a deployment needs a server that stays: start one (`prefect server start`) and set "
            "PREFECT_API_URL, e.g. http://127.0.0.1:4200/api"
        )
    settings.prepare()
    from prefect.deployments.runner import RunnerDeployment
    from prefect.types.entrypoint import EntrypointType

    from flows.batch_flow import batch
    from flows.translate import translate

    _need_pool(target.pool)
    shared: dict[str, Any] = {
        "work_pool_name": target.pool,
        "job_variables": {"env": settings.DEFAULTS},
        "entrypoint_type": EntrypointType.MODULE_PATH,
    }
    items = cast(RunnerDeployment, translate.to_deployment(target.name, **shared))
    items.apply()
    sent = options.model_copy(update={"pool": f"translate/{target.name}"})
    batches = cast(
        RunnerDeployment,
        batch.to_deployment(
            target.name, schedule=_schedule(timetable), parameters=_parameters(sent), **shared
        ),
    )
    batches.apply()
    return f"translate/{target.name}", f"batch/{target.name}"


def _check(options: BatchOptions, timetable: Timetable | None) -> None:
    options.listing()
    if timetable is not None:
        _schedule(timetable)


def _schedule(timetable: Timetable | None) -> Any:
    if timetable is None:
        return None
    settings.prepare()
    from prefect.client.schemas.schedules import CronSchedule

    if timetable.timezone not in zoneinfo.available_timezones():
        raise ConfigError(
            f"no time zone '{timetable.timezone}'; a name is for example Asia/Kolkata"
        )
    try:
        return CronSchedule(cron=timetable.cron, timezone=timetable.timezone)
    except ValidationError as error:
        raise ConfigError(
            f"'{timetable.cron}' is no cron line; five fields, e.g. '0 1 * * *' for one o'clock"
        ) from error


def _parameters(options: BatchOptions) -> dict[str, Any]:
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
