"""Concurrency: how many heavy stages one machine does at once, whatever the number of its workers.

A slot is a claim of the store, so a killed worker frees its slot at once.  Prefect sees the same
names as task tags: `prefect concurrency-limit create f2f-model 8` also limits them over all
machines.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass

from f2f.store.leases import Claims, pauses

MODEL = "f2f-model"
"""Stages that run a network: on the GPU if there is one, else on many cores."""
CODEC = "f2f-codec"
"""Stages that decode and encode the whole video."""

_HEAVY = {
    "transcribe": MODEL,
    "translate_text": MODEL,
    "shorten_text": MODEL,
    "synthesise": MODEL,
    "track_faces": MODEL,
    "gather_mouths": CODEC,
    "sync_lips": MODEL,
    "deliver": CODEC,
}
_VARIABLE = "F2F_CONCURRENCY_"
"""`F2F_CONCURRENCY_MODEL=4` in the environment sets a machine's number."""


@dataclass(frozen=True)
class Concurrency:
    """The slots of this machine, kept in the claims of a store."""

    claims: Claims

    @contextlib.contextmanager
    def slot(self, stage: str) -> Iterator[None]:
        """Hold a slot of the stage's kind; light stages need none."""
        kind = _HEAVY.get(stage)
        if kind is None:
            yield
            return
        for pause in pauses():
            for number in range(count(kind)):
                with self.claims.held(f"{kind}-{platform.node()}-{number}") as slot:
                    if slot:
                        yield
                        return
            time.sleep(pause)


def tags(stage: str) -> set[str]:
    """Prefect tags of a stage's task: its kind of heaviness."""
    return {_HEAVY[stage]} if stage in _HEAVY else set()


def count(kind: str) -> int:
    """Slots of a kind on this machine."""
    given = os.environ.get(_VARIABLE + kind.rpartition("-")[2].upper())
    if given is not None:
        return max(1, int(given))
    cores = os.cpu_count() or 1
    if kind == MODEL:
        return _gpus() or max(2, cores // 4)  # two: the speech and the face branch of one video
    return max(1, cores // 4)


def _gpus() -> int:
    import torch

    return torch.cuda.device_count()
