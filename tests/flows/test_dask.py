from __future__ import annotations

from pathlib import Path

import pytest
from flows_harness import log_of

from f2f.errors import ConfigError
from flows.batch import run
from flows.items.options import BatchOptions
from flows.translate import _task_runner


def test_an_address_must_be_one() -> None:
    pytest.importorskip("prefect_dask")
    with pytest.raises(ConfigError, match="no Dask address"):
        _task_runner("10.0.0.5")


@pytest.mark.slow
def test_stages_on_a_local_dask_cluster(course: BatchOptions, tmp_path: Path, server: str) -> None:
    pytest.importorskip("prefect_dask")
    one = {"sources": (str(tmp_path / "v0.mp4"),), "languages": ("hi",), "dask": "local"}
    summary = run(course.model_copy(update=one))
    assert summary.sentence == "1 done", summary.failed
    assert len(log_of(course)) == 8
    assert (tmp_path / "dubbed" / "v0.hi.mp4").read_text()
    assert server
