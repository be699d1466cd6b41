"""The engine's inference path, chosen for one video: the fastest that passes the quality gate.

What `auto` stands for depends on the machine, so it is decided before a stage runs and is part of
its key; which of those paths is taken then depends on nothing but the video.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import torch

from lipsync.engine import CALIBRATION, Engine, EnginePath, FaceItem, default_path
from lipsync.errors import EngineError
from lipsync.gate import PixelDifference, checked_engine
from lipsync.generator import FaceGenerator

log = logging.getLogger(__name__)

AUTO = "auto"
QUANTISED: EnginePath = "openvino-int8"
EXACT: EnginePath = "fp32"
"""The last of what `auto` stands for: the same numbers as the model's own."""
SAMPLE = 8
"""Faces of the video that a path is judged on."""
WORTH_QUANTISING = 4000
"""Mouths from which on the int8 graph, twice as fast, repays the minute that it takes to make."""


def preferred(path: str | tuple[EnginePath, ...]) -> tuple[EnginePath, ...]:
    """The paths that `lips.path` stands for on this machine, the fastest first."""
    if path == AUTO:
        return tuple(dict.fromkeys((*_quantising(), default_path(_device()), EXACT)))
    return path if isinstance(path, tuple) else (path,)  # type: ignore[return-value]  # a LipPath


def suited(paths: Sequence[EnginePath], *, count: int) -> tuple[EnginePath, ...]:
    """Those of several paths that are worth their preparation for `count` mouths."""
    if len(paths) == 1 or count >= WORTH_QUANTISING:
        return tuple(paths)
    return tuple(path for path in paths if path != QUANTISED) or tuple(paths)


def sample_size(paths: Sequence[EnginePath]) -> int:
    """How many faces `choose` wants to see; quantising needs some to be fitted to as well."""
    return CALIBRATION + SAMPLE if QUANTISED in paths else SAMPLE


@dataclass(frozen=True, slots=True)
class Chosen:
    """An engine that passed the gate, how far it strays, and what was not used instead."""

    engine: Engine
    difference: PixelDifference
    passed_over: tuple[str, ...]


def choose(
    model: FaceGenerator, sample: Sequence[FaceItem], *, paths: Sequence[EnginePath], batch: int
) -> Chosen:
    """The first engine that passes the gate.

    Args:
        model: the generator in fp32.
        sample: `sample_size` faces of the video with their sound, or as many as there are.
        paths: in order of preference, at least one.
        batch: faces a forward pass.

    Raises:
        EngineError: no path runs here and stays close enough to fp32; the last one's reason.
    """
    passed_over: list[str] = []
    for path in paths:
        try:
            engine, difference = checked_engine(
                model, sample, path=path, device=_device(), batch=batch
            )
        except EngineError as error:
            if path == paths[-1]:
                raise
            log.info("lips: not %s: %s", path, error)
            passed_over.append(f"{path}: {error}")
        else:
            return Chosen(engine, difference, tuple(passed_over))
    raise EngineError("no path was named")


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _quantising() -> tuple[EnginePath, ...]:
    here = all(find_spec(package) is not None for package in ("openvino", "nncf"))
    return (QUANTISED,) if here and _device() == "cpu" else ()
