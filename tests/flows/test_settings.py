from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml

from flows import settings

PROBE = """
import sys
import f2f.cli, f2f.store.stage, f2f.store.remote, flows.batch, flows.watch, flows.workers.worker
print([name for name in sys.modules if name.split(".")[0] in {"prefect", "dask"}])
"""


@pytest.mark.slow
def test_nothing_imports_prefect_before_a_batch_runs() -> None:
    out = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True
    ).stdout
    assert out.strip() == "[]"


def test_no_telemetry_by_default_and_the_user_has_the_last_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in settings.DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_CLIENT_MAX_RETRIES", "1")
    settings.prepare()
    assert os.environ["DO_NOT_TRACK"] == "1"
    assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert os.environ["PREFECT_RESULTS_PERSIST_BY_DEFAULT"] == "false"
    assert int(os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"]) >= 120
    assert os.environ["PREFECT_CLIENT_MAX_RETRIES"] == "1"


def test_prefect_yaml_names_flows_that_exist_with_these_settings(
    pytestconfig: pytest.Config,
) -> None:
    tree = yaml.safe_load((pytestconfig.rootpath / "prefect.yaml").read_text())
    environment = tree["definitions"]["pool"]["job_variables"]["env"]
    assert environment.items() <= settings.DEFAULTS.items()
    for deployment in tree["deployments"]:
        file, _, name = deployment["entrypoint"].partition(":")
        assert f"def {name}(" in (pytestconfig.rootpath / file).read_text()
    from flows.items.options import BatchOptions

    BatchOptions.model_validate(tree["deployments"][1]["parameters"]["options"])
