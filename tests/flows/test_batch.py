from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from flows_harness import ended, log_of, start

from f2f.store.artefacts import Store
from flows.batch import StillRunningError, dry_run, run
from flows.items.item import ItemStatus
from flows.items.options import BatchOptions

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("server")]


def stages(course: BatchOptions) -> Counter[str]:
    return Counter(line.split()[1].partition("/")[0] for line in log_of(course))


def test_a_batch_shares_what_languages_have_in_common(course: BatchOptions, tmp_path: Path) -> None:
    summary = run(course.model_copy(update={"workers": 2}))
    assert summary.exit_code == 0
    assert summary.sentence == "6 done"
    counts = stages(course)
    assert counts["ingest"] == counts["transcribe"] == counts["track_faces"] == 3
    assert counts["translate_text"] == counts["deliver"] == 6
    assert len({file.read_bytes() for file in (tmp_path / "dubbed").glob("*.mp4")}) == 6

    again = run(course)
    assert again.sentence == "6 up to date"
    assert stages(course) == counts
    (tmp_path / "v0.mp4").rename(tmp_path / "renamed.mp4")  # the content counts, not the name
    (tmp_path / "v1.mp4").write_text("something else")
    moved = run(course)
    assert {row.name: row.status for row in moved.results} == {
        "renamed.mp4 → hi": ItemStatus.UP_TO_DATE,
        "renamed.mp4 → ta": ItemStatus.UP_TO_DATE,
        "v1.mp4 → hi": ItemStatus.DONE,
        "v1.mp4 → ta": ItemStatus.DONE,
        "v2.mp4 → hi": ItemStatus.UP_TO_DATE,
        "v2.mp4 → ta": ItemStatus.UP_TO_DATE,
    }
    assert stages(course)["deliver"] == 8


def test_a_failing_video_stops_no_other(
    course: BatchOptions, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "v0.mp4").write_text("bad input")
    summary = run(course)
    logged = capfd.readouterr().err
    assert "InputError: nobody speaks in it" in logged and "Traceback" not in logged
    assert summary.sentence == "4 done, 2 failed"
    assert summary.exit_code == 2
    assert {row.error for row in summary.failed} == {"nobody speaks in it"}
    assert stages(course)["transcribe"] == 2 and stages(course)["ingest"] == 3


def test_a_broken_line_is_tried_again(course: BatchOptions, tmp_path: Path) -> None:
    only = tmp_path / "v0.mp4"
    only.write_text("flaky")
    summary = run(course.model_copy(update={"sources": (str(only),), "languages": ("hi",)}))
    assert summary.sentence == "1 done"
    assert (tmp_path / "log.flaky").exists()


def test_the_same_batch_is_not_doubled(
    course: BatchOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start(course, FAKE_SECONDS="0.3")
    while not log_of(course):
        time.sleep(0.1)
    with pytest.raises(StillRunningError, match="still going"):
        run(course)
    assert ended(first).sentence == "6 done"


def test_the_page_of_a_run_shows_names_report_and_parallel_branches(
    course: BatchOptions, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_SECONDS", "1.5")
    run(course.model_copy(update={"sources": (str(tmp_path / "v0.mp4"),), "languages": ("pt",)}))
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName

    named = FlowRunFilter(name=FlowRunFilterName(any_=["v0.mp4 → pt"]))
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_runs(flow_run_filter=named)[0]
        assert flow_run.state is not None and flow_run.state.is_completed()
        assert flow_run.parent_task_run_id is not None
        until = time.monotonic() + 60  # the server writes down tasks some seconds late
        while True:
            found = client.read_task_runs(flow_run_filter=named)
            task_runs = {run.name: run for run in found}
            if all(run.end_time for run in found) or time.monotonic() > until:
                break
            time.sleep(0.5)
        report = client.request(
            "POST", "/artifacts/filter", json={"artifacts": {"key": {"any_": ["report-v0-mp4-pt"]}}}
        ).json()[0]
        assert flow_run.name == "v0.mp4 → pt"
        bars = client.request(
            "POST", "/artifacts/filter", json={"artifacts": {"type": {"any_": ["progress"]}}}
        ).json()
    assert [bar["data"] for bar in bars if bar["description"] == "items"][-1] == 100
    speech, faces = task_runs["transcribe v0.mp4 → pt"], task_runs["track_faces v0.mp4 → pt"]
    assert speech.start_time and faces.start_time and speech.end_time and faces.end_time
    assert speech.start_time < faces.end_time and faces.start_time < speech.end_time
    assert "f2f-model" in speech.tags
    assert "| deliver | ran |" in report["data"] and "picked: nothing" in report["data"]
    assert server.startswith("http://127.0.0.1")


def test_damage_is_made_good_and_said_in_the_report(course: BatchOptions, tmp_path: Path) -> None:
    one = course.model_copy(update={"sources": (str(tmp_path / "v0.mp4"),), "languages": ("pt",)})
    run(one)
    store = Store(tmp_path / "store")
    spoiled = next(artefact for artefact in store.artefacts() if artefact.stage == "transcribe")
    before = store.path(spoiled, "payload.txt").read_text()
    store.path(spoiled, "payload.txt").write_text("rotten")
    assert run(one).sentence == "1 done"
    assert store.path(spoiled, "payload.txt").read_text() == before
    assert store.meta(spoiled)["repaired"]
    assert stages(course)["transcribe"] == 2 and stages(course)["deliver"] == 1


def test_a_dry_run_starts_nothing(course: BatchOptions, tmp_path: Path) -> None:
    (tmp_path / "v0.mp4").write_text("bad input")
    summary = dry_run(course)
    assert {row.status for row in summary.results} == {ItemStatus.TO_DO}
    assert not (tmp_path / "dubbed").exists() and not log_of(course)
