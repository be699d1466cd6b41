"""What batches meet: kills, a lost server, full and read-only disks, damage, bad rows.

pytest -m faults        # prints the table
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flows_harness import (
    Tell,
    children,
    crashed_runs,
    ended,
    family,
    gone,
    leftovers,
    log_of,
    outputs,
    published,
    start,
    unfinished_runs,
    wait_for_lines,
)

from f2f.config import Config, Languages
from f2f.errors import StoreError
from f2f.store.artefacts import Store
from f2f.store.stage import Plain
from flows.batch import dry_run, run
from flows.items.item import ItemStatus
from flows.items.options import BatchOptions
from flows.workers.requests import Action, Request
from flows.workers.worker import handle

pytestmark = [pytest.mark.faults, pytest.mark.slow]

KILLS = 10
SEED = 20261122


def expected(course: BatchOptions, tmp_path: Path) -> dict[str, bytes]:
    """What the outputs must be: made by the plain runner, without Prefect and without kills."""
    import fake_recipe

    wanted = {}
    for video in sorted(tmp_path.glob("*.mp4")):
        for language in course.languages:
            config = Config(languages=Languages(source="en", target=language))
            store = Store(tmp_path / "plain")
            result = fake_recipe.translate(video, Plain(config, store))
            with tempfile.TemporaryDirectory() as folder:
                output = Path(folder) / f"{video.stem}.{language}.mp4"
                made = fake_recipe.finish(result, fake_recipe.Plan(config), store, output)
                wanted |= {file.name: file.read_bytes() for file in made.files}
    (tmp_path / "log").unlink()
    return wanted


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    assert gone({pid})


def kill_whole(batch: subprocess.Popen[str]) -> None:
    relatives = family(batch.pid)
    os.kill(batch.pid, signal.SIGKILL)
    batch.wait()
    assert gone(relatives), "a child outlived the batch"


def test_kill_9_at_ten_points(
    course: BatchOptions, tmp_path: Path, server: str, tell: Tell
) -> None:
    chance = random.Random(SEED)
    wanted = expected(course, tmp_path)
    course = course.model_copy(update={"workers": 2, "tries": 20})
    environment = {"FAKE_SECONDS": "0.5", "PREFECT_API_URL": server}
    repeated: list[str] = []
    kills = {"worker": 0, "batch": 0}
    finished: set[str] = set()
    mark = 0
    batch = start(course, **environment)
    for point in range(KILLS):
        wait_for_lines(course, batch, len(log_of(course)) + chance.randint(1, 2))
        time.sleep(chance.uniform(0.0, 0.3))
        if batch.poll() is not None:
            pytest.fail(f"the batch ended before kill {point}: {batch.communicate()[1][-3000:]}")
        repeated += [line for line in log_of(course)[mark:] if line in finished]
        whole = point % 2 == 0
        kills["batch" if whole else "worker"] += 1
        if whole:
            kill_whole(batch)
        else:
            commands = children(batch.pid)
            workers = [pid for pid, line in commands.items() if "flows.workers.worker" in line]
            kill(chance.choice(workers))
        finished = published(tmp_path)
        mark = len(log_of(course))
        if whole:
            batch = start(course, **environment)
    summary = ended(batch)
    lines = log_of(course)
    repeated += [line for line in lines[mark:] if line in finished]
    starts = len(lines)
    open_runs = unfinished_runs(60)
    tell(
        f"kill -9 at {KILLS} random points (3 videos × 2 languages, 2 workers)",
        f"{kills['worker']} workers and {kills['batch']} whole batches killed; {summary.sentence}; "
        f"{len(wanted)} files identical; {starts} starts for {len(set(lines))} stages, "
        f"finished ones repeated: {len(repeated)}; left over: {len(leftovers(tmp_path))}; "
        f"runs and tasks not ended: {len(open_runs)}",
    )
    assert summary.exit_code == 0
    assert outputs(tmp_path) == wanted
    assert repeated == []
    assert leftovers(tmp_path) == []
    assert open_runs == []
    assert sum(kills.values()) == KILLS


def test_a_video_that_kills_its_worker(
    course: BatchOptions, tmp_path: Path, server: str, tell: Tell
) -> None:
    (tmp_path / "v1.mp4").write_text("dies")
    summary = run(course.model_copy(update={"tries": 2}))
    tell(
        "a video that kills its worker every time", f"{summary.sentence}; {summary.failed[0].error}"
    )
    assert summary.sentence == "4 done, 2 failed"
    assert all("is gone" in row.error for row in summary.failed)
    assert unfinished_runs(60) == [] and server
    assert "v1.mp4 → hi (try 2)" in crashed_runs()


def test_an_orphaned_run_is_marked(
    course: BatchOptions, tmp_path: Path, server: str, tell: Tell
) -> None:
    one = course.model_copy(update={"sources": (str(tmp_path / "v0.mp4"),), "languages": ("hi",)})
    batch = start(one, FAKE_SECONDS="5", PREFECT_API_URL=server)
    wait_for_lines(course, batch, 1)
    os.kill(batch.pid, signal.SIGKILL)
    batch.wait()
    before = unfinished_runs()
    assert {"v0.mp4 → hi", "v0.mp4"} <= set(before)  # the item's and the batch's
    started = time.monotonic()
    summary = run(one)
    seconds = time.monotonic() - started
    after = unfinished_runs(60)
    tell(
        "runs left RUNNING by kill -9",
        f"{len(before)} (with tasks) marked as crashed when the batch came again; "
        f"{summary.sentence} after {seconds:.0f} s; still open: {len(after)}",
    )
    assert summary.exit_code == 0
    assert after == []


def test_the_server_dies_in_mid_batch(
    course: BatchOptions, tmp_path: Path, prefect_home: Path, tell: Tell
) -> None:
    wanted = expected(course, tmp_path)
    home = tmp_path / "prefect"
    environment = {"FAKE_SECONDS": "0.3", "PREFECT_HOME": str(home), "PREFECT_API_URL": ""}
    batch = start(course, **environment)
    wait_for_lines(course, batch, 6)
    servers = [pid for pid, line in children(batch.pid).items() if "flows.server" in line]
    os.kill(servers[0], signal.SIGKILL)
    relatives = family(batch.pid)
    summary = ended(batch)
    tell(
        "the Prefect server is killed in mid-batch",
        f"started again on its port; {summary.sentence}; orphans: {int(not gone(relatives))}",
    )
    assert summary.sentence == "6 done"
    assert outputs(tmp_path) == wanted
    assert gone(relatives)


def test_no_server_outlives_its_batch(
    course: BatchOptions, tmp_path: Path, prefect_home: Path, tell: Tell
) -> None:
    batch = start(course, PREFECT_HOME=str(tmp_path / "prefect"), PREFECT_API_URL="")
    until = time.monotonic() + 300
    while not any("flows.server" in line for line in children(batch.pid).values()):
        assert time.monotonic() < until
        time.sleep(0.05)
    relatives = family(batch.pid)
    os.kill(batch.pid, signal.SIGKILL)
    batch.wait()
    clean = gone(relatives)
    tell("kill -9 of a batch with its own server", f"{len(relatives)} children, all gone: {clean}")
    assert clean


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def on(course: BatchOptions, disk: Path) -> BatchOptions:
    return course.model_copy(
        update={"overrides": (f"store.path={disk / 'store'}", "languages.source=en")}
    )


def test_the_disk_is_full(
    course: BatchOptions,
    tmp_path: Path,
    small_disk: Path,
    server: str,
    tell: Tell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FAKE_SIZE", "400000")  # two outputs fit on the disk, not six
    summary = run(on(course, small_disk))
    left = leftovers(small_disk)
    tell(
        "the store's disk is full",
        f"{summary.sentence}; “{summary.failed[0].error}”; torn: {len(left)}",
    )
    assert 0 < len(summary.failed) < 6
    assert summary.exit_code == StoreError.exit_code
    assert all("No space left" in row.error for row in summary.failed)
    assert left == []
    store = Store(small_disk / "store")
    assert all(store.has(artefact) for artefact in store.artefacts())
    assert server


def test_the_store_is_read_only(
    course: BatchOptions, small_disk: Path, server: str, tell: Tell
) -> None:
    course = on(course, small_disk)
    assert run(course.model_copy(update={"languages": ("hi",)})).sentence == "3 done"
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    known = dry_run(course)
    there, missing = ItemStatus.UP_TO_DATE, ItemStatus.TO_DO
    assert [result.status for result in known.results] == [there] * 3 + [missing] * 3
    rows = [handle(Request(action=Action.RUN, item=item)) for item in course.listing().items[3:]]
    tell("the store is read-only", f"what is there is found; “{rows[0].error}”")
    assert {row.exit_code for row in rows} == {StoreError.exit_code}
    assert all("Read-only file system" in row.error for row in rows)
    assert server


def test_an_artefact_is_damaged(
    course: BatchOptions, tmp_path: Path, server: str, tell: Tell
) -> None:
    run(course)
    wanted = outputs(tmp_path)
    store = Store(tmp_path / "store")
    for artefact in list(store.artefacts()):
        if artefact.stage in {"transcribe", "deliver"}:
            store.path(artefact, "payload.txt").write_text("rotten")
    before = len(log_of(course))
    summary = run(course)
    tell(
        "nine artefacts are damaged",
        f"{summary.sentence}; {len(log_of(course)) - before} stages made again, outputs identical",
    )
    assert len(log_of(course)) - before == 9
    assert outputs(tmp_path) == wanted
    assert all(store.has(artefact) for artefact in store.artefacts())
    assert server


def test_a_manifest_with_bad_rows(
    course: BatchOptions, tmp_path: Path, server: str, tell: Tell
) -> None:
    manifest = tmp_path / "course.yaml"
    manifest.write_text(
        "languages: [hi]\nvideos:\n"
        "  - input: v0.mp4\n"
        "  - input: missing.mp4\n"
        "  - input: v1.mp4\n    options: {delivery: {crff: 20}}\n"
        "  - input: v2.mp4\n"
    )
    summary = run(course.model_copy(update={"sources": (str(manifest),), "languages": ()}))
    tell(
        "a manifest with two bad rows",
        f"{summary.sentence}; " + "; ".join(r.error for r in summary.failed),
    )
    assert summary.sentence == "2 done, 2 failed"
    assert summary.exit_code == 2
    assert "did you mean 'crf'" in summary.failed[1].error
    assert server
