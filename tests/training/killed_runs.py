"""A run that is killed and goes on, beside one that is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from training import settings as configuration
from training import snapshot
from training.loop import CHECKPOINT


def whole_and_resumed(recipe: str, whole: Path, killed: Path) -> list[dict[str, Any]]:
    """The last checkpoints of two configurations of `recipe` that save after every step.

    The second run is killed once it has a checkpoint, and started again.
    """

    def command(config: Path) -> list[str]:
        return [sys.executable, "-m", "training", recipe, str(config)]

    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(command(whole), check=True, env=environment, capture_output=True)
    settings = configuration.load(killed)
    checkpoint = settings.out / CHECKPOINT
    process = subprocess.Popen(command(killed), env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not checkpoint.is_file() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    assert snapshot.load(checkpoint)["state"]["step"] < settings.run.steps
    subprocess.run(command(killed), check=True, env=environment, capture_output=True)
    return [snapshot.load(configuration.load(one).out / CHECKPOINT) for one in (whole, killed)]
