"""What Prefect costs, and what a second worker brings.

    python -m benchmarks.flows                 # about three minutes
    python -m benchmarks.flows --output flows.json

Stages that sleep stand in for work, so the difference between the plain runner and Prefect is
Prefect, the store and the workers, not noise of models.  The aim: less than 3 % of the time that
a one-minute video takes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from f2f.config import Config, Languages
from f2f.config import Store as StoreOptions
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Plain, Runner, Work, stage
from flows import server
from flows.batch import run
from flows.items.item import Item
from flows.items.options import BatchOptions
from flows.items.recipe import GROUP, Recipe

STAGES = 10
"""Stages of a translation."""
REPEATS = 3
MINUTE_SECONDS = 120.0
"""Seconds that a one-minute video takes on two cores without a GPU (--minute sets it)."""
_SLEEP = "F2F_BENCHMARK_SLEEP"


@dataclass(frozen=True, slots=True)
class Overhead:
    """Prefect beside the plain runner, for one video of ten stages that do nothing."""

    plain_seconds: float
    prefect_seconds: float
    a_stage: float
    a_video: float
    share_of_a_minute: float
    """Of the time of a one-minute video."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """A batch of six items, each asleep for some seconds."""

    workers: int
    seconds: float
    items_a_minute: float


@dataclass(frozen=True, slots=True)
class _Plan:
    config: Config


@dataclass(frozen=True, slots=True)
class _Delivered:
    files: tuple[Path, ...] = ()
    summary: str = ""


def _settings(config: Config) -> Any:
    return config.languages.target


@stage(version=1, settings=_settings)
def first(work: Work, video: Path) -> None:
    """Read the source."""
    _rest(work, video.name)


@stage(version=1, settings=_settings)
def step(work: Work, before: Artefact, number: Artefact) -> None:
    """One of the stages in the middle; `number` only makes it another one."""
    _rest(work, number.key)


def recipe() -> Recipe:
    """Ten stages in a row."""
    return Recipe(_prepare, _make, _finish, _is_delivered, (first, step))


def _rest(work: Work, value: str) -> None:
    time.sleep(float(os.environ.get(_SLEEP, "0")))
    work.write(value)


def _prepare(_video: Path, config: Config, _runner: Callable[[Config], Runner]) -> _Plan:
    return _Plan(config)


def _make(video: Path, run: Runner) -> Artefact:
    made = run(first, video)
    for number in range(1, STAGES):
        made = run(step, made, Artefact("number", str(number)))
    return made


def _finish(_made: Artefact, _plan: _Plan, _store: Store, output: Path) -> _Delivered:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("done", encoding="utf-8")
    return _Delivered((output,))


def _is_delivered(_made: Artefact, _plan: _Plan, _store: Store, output: Path) -> bool:
    return output.is_file()


def _config(folder: Path, language: str) -> Config:
    return Config(
        languages=Languages(source="en", target=language),
        store=StoreOptions(path=str(folder / "store")),
    )


def overhead(folder: Path, minute: float) -> Overhead:
    """Best of some repeats, both runners warm, in one process."""
    from flows.translate import run_item

    video = folder / "video.mp4"
    video.write_text("video", encoding="utf-8")
    plain, prefect = [], []
    for repeat in range(REPEATS + 1):  # the first only warms up
        config = _config(folder / f"plain{repeat}", "hi")
        started = time.perf_counter()
        _make(video, Plain(config, Store(Path(config.store.path))))
        plain.append(time.perf_counter() - started)
        item = Item(
            video=video,
            output=folder / f"prefect{repeat}" / "out.mp4",
            config=_config(folder / f"prefect{repeat}", "hi"),
            recipe=_NAME,
        )
        started = time.perf_counter()
        run_item(item)
        prefect.append(time.perf_counter() - started)
    without, through = min(plain[1:]), min(prefect[1:])
    return Overhead(
        plain_seconds=round(without, 3),
        prefect_seconds=round(through, 3),
        a_stage=round((through - without) / STAGES, 4),
        a_video=round(through - without, 3),
        share_of_a_minute=round((through - without) / minute, 4),
    )


def throughput(folder: Path, workers: int) -> Throughput:
    """Six items of three videos and two languages."""
    place = folder / f"batch{workers}"
    place.mkdir()
    for number in range(3):
        (place / f"v{number}.mp4").write_text(str(number), encoding="utf-8")
    options = BatchOptions(
        sources=(str(place),),
        languages=("hi", "ta"),
        recipe=_NAME,
        workers=workers,
        overrides=(f"store.path={place / 'store'}", "languages.source=en"),
    )
    started = time.perf_counter()
    summary = run(options)
    seconds = time.perf_counter() - started
    if summary.exit_code:
        raise SystemExit(f"the batch failed: {summary.failed[0].error}")
    return Throughput(workers, round(seconds, 1), round(60 * len(summary.results) / seconds, 2))


_NAME = "benchmark"


def _install(folder: Path) -> None:
    """Declare the recipe as a package does, for this process and the workers."""
    package = folder / "f2f_benchmark-0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Name: f2f-benchmark\nVersion: 0\n", encoding="utf-8")
    points = f"[{GROUP}]\n{_NAME} = benchmarks.flows:recipe\n"
    (package / "entry_points.txt").write_text(points, encoding="utf-8")
    here = str(Path(__file__).resolve().parent.parent)
    sys.path.append(str(folder))
    os.environ["PYTHONPATH"] = os.pathsep.join([here, str(folder)])


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minute", type=float, default=MINUTE_SECONDS)
    parser.add_argument("--sleep", type=float, default=1.0, help="seconds a stage in the batches")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    # the stages must be the importable ones, not those of __main__
    from benchmarks import flows as this

    with tempfile.TemporaryDirectory() as name, server.running():
        folder = Path(name)
        _install(folder)
        cost = this.overhead(folder, options.minute)
        os.environ[_SLEEP] = str(options.sleep)
        batches = [this.throughput(folder, workers) for workers in (1, 2)]
    print(f"plain runner, {STAGES} stages     {cost.plain_seconds:8.3f} s")
    print(f"Prefect, {STAGES} stages          {cost.prefect_seconds:8.3f} s")
    print(f"Prefect's cost a stage       {1000 * cost.a_stage:8.1f} ms")
    share = f"{100 * cost.share_of_a_minute:.2f} % of a one-minute video's {options.minute:.0f} s"
    print(f"Prefect's cost a video       {cost.a_video:8.3f} s = {share}")
    for batch in batches:
        print(
            f"6 items, {batch.workers} worker(s)         {batch.seconds:8.1f} s "
            f"= {batch.items_a_minute} items/min"
        )
    if options.output:
        figures = {"overhead": asdict(cost), "throughput": [asdict(batch) for batch in batches]}
        options.output.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
