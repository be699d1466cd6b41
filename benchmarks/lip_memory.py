"""Peak memory of the engine over any number of faces: `python -m benchmarks.lip_memory COUNT`.

Prints the peak resident size in bytes. One process measures one count, since a peak never falls.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from lipsync.threads import sleep_while_waiting

WIDTH = 0.125
"""Of the generator: what is asked is whether memory grows, and a narrow one tells it sooner."""


def peak_bytes(count: int) -> int:
    """Peak resident size of a fresh process whose engine makes ``count`` mouths."""
    command = [sys.executable, "-m", "benchmarks.lip_memory", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout)


def _own_peak(count: int) -> int:
    """Make ``count`` mouths here, one face after the other from an iterator; the peak, in bytes."""
    import resource

    import numpy as np
    import torch

    from lipsync.engine import Engine, FaceItem
    from lipsync.generator import Generator

    rng = np.random.default_rng(0)

    def faces() -> Iterator[FaceItem]:
        for _ in range(count):
            face = rng.integers(0, 256, (96, 96, 3), dtype=np.uint8)
            yield FaceItem(face, torch.zeros(1, 80, 16))

    made = sum(1 for _ in Engine(Generator(width=WIDTH)).mouths(faces()))
    assert made == count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # Linux counts in KiB


if __name__ == "__main__":
    sleep_while_waiting()
    print(_own_peak(int(sys.argv[1])))
