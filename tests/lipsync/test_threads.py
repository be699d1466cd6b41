from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
from lipsync.threads import sleep_while_waiting
import sys
assert "torch" not in sys.modules
print(sleep_while_waiting())
import torch
print(torch.__config__.parallel_info().count("OMP_"), sleep_while_waiting())
"""


def run(script: str, **environment: str) -> list[str]:
    clean = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"} | environment
    done = subprocess.run(
        [sys.executable, "-c", script], env=clean, capture_output=True, text=True, check=True
    )
    return [*done.stdout.split(), done.stderr]


def test_it_is_set_before_torch_is_imported() -> None:
    first, _, second, _ = run(SCRIPT)
    assert (first, second) == ("True", "True")


def test_the_users_own_policy_stays() -> None:
    assert run(SCRIPT, OMP_WAIT_POLICY="ACTIVE")[0] == "False"


def test_coming_too_late_is_said() -> None:
    script = "import torch; from lipsync.threads import *; print(sleep_while_waiting())"
    answer, errors = run(script)
    assert answer == "False"
    assert "already imported" in errors
