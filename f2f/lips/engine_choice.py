"""The engine's inference path, chosen for one video: the fastest that passes the quality gate."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from lipsync.engine import Engine, EnginePath, FaceItem, default_path
from lipsync.errors import EngineError
from lipsync.gate import PixelDifference, checked_engine, compare
from lipsync.generator import FaceGenerator

log = logging.getLogger(__name__)

AUTO = "auto"
QUANTISED: EnginePath = "openvino-int8"
SAMPLE = 8
"""Faces of the video that a path is judged on."""
WORTH_QUANTISING = 4000
"""Mouths from which on the int8 graph, twice as fast, repays the minute that it takes to make."""


def sample_size(path: str, *, batch: int, count: int) -> int:
    """How many faces `choose` wants to see; quantising needs some to be fitted to as well."""
    quantises = path == QUANTISED or (path == AUTO and count >= WORTH_QUANTISING)
    return 2 * batch if quantises else SAMPLE


@dataclass(frozen=True, slots=True)
class Chosen:
    """An engine that passed the gate, how far it strays, and what was not used instead."""

    engine: Engine
    difference: PixelDifference
    passed_over: tuple[str, ...]


def choose(
    model: FaceGenerator, sample: Sequence[FaceItem], *, path: str, batch: int, count: int
) -> Chosen:
    """An engine for `count` mouths, judged on a sample of them.

    Args:
        model: the generator in fp32.
        sample: `sample_size` faces of the video with their sound, or as many as there are.
        path: `AUTO`, or the one path that the user wants.
        batch: faces a forward pass.
        count: mouths to be made in all.

    Raises:
        EngineError: the wanted path cannot run here, or strays too far from fp32.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if path != AUTO:
        wanted: EnginePath = path  # type: ignore[assignment]  # the configuration's choices
        engine, difference = checked_engine(model, sample, path=wanted, device=device, batch=batch)
        return Chosen(engine, difference, ())
    passed_over: list[str] = []
    for candidate in _candidates(device, count, len(sample), batch):
        try:
            engine, difference = checked_engine(
                model, sample, path=candidate, device=device, batch=batch
            )
        except EngineError as error:
            log.info("lips: not %s: %s", candidate, error)
            passed_over.append(f"{candidate}: {error}")
            continue
        return Chosen(engine, difference, tuple(passed_over))
    engine = Engine(model, path="eager", device=device, batch=batch)
    return Chosen(engine, compare(engine, sample), tuple(passed_over))


def _candidates(device: str, count: int, sample: int, batch: int) -> Iterator[EnginePath]:
    """Fastest first."""
    if device == "cpu" and count >= WORTH_QUANTISING and sample >= 2 * batch:
        yield QUANTISED  # half of the sample calibrates, half judges
    yield default_path(device)
    yield "fp32"
