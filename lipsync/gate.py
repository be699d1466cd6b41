"""The quality gate: how far does a fast path stray from fp32, and is that too far?

Only the lower half counts, since the engine makes nothing else, and it counts as the bytes
that are delivered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lipsync.engine import CALIBRATION, Engine, EnginePath, FaceItem
from lipsync.errors import QualityError
from lipsync.generator import FaceGenerator

MEAN_LIMIT = 2.0
"""Largest mean difference that passes, in 1/255."""


@dataclass(frozen=True)
class PixelDifference:
    """Absolute difference of the pictures that two paths deliver, in 1/255."""

    mean: float
    maximum: float

    def within(self, limit: float = MEAN_LIMIT) -> bool:
        """Whether the mean is small enough."""
        return self.mean <= limit


def compare(engine: Engine, items: Sequence[FaceItem]) -> PixelDifference:
    """Measure an engine against its own model in eager fp32, on real faces and sound.

    Raises:
        QualityError: there are no items, so nothing is known.
        ShapeError: an item does not fit the model.
    """
    if not items:
        raise QualityError("the quality gate needs at least one face")
    exact = Engine(engine.model, path="eager", batch=engine.batch)
    half = engine.model.size // 2
    total, count, maximum = 0.0, 0, 0
    for ours, theirs in zip(engine.mouths(items), exact.mouths(items), strict=True):
        difference = np.abs(ours[half:].astype(np.int16) - theirs[half:])
        total += float(difference.sum())
        count += difference.size
        maximum = max(maximum, int(difference.max()))
    return PixelDifference(mean=total / count, maximum=float(maximum))


def checked_engine(
    model: FaceGenerator,
    items: Sequence[FaceItem],
    *,
    path: EnginePath | None = None,
    device: str = "cpu",
    batch: int,
    limit: float = MEAN_LIMIT,
) -> tuple[Engine, PixelDifference]:
    """An engine that has passed the gate on ``items``, and by how much.

    The int8 path is calibrated on the first ``CALIBRATION`` items and judged on the rest, so that
    it is not judged on what it was fitted to.

    Raises:
        QualityError: the mean difference is above ``limit``.
        EngineError: as ``Engine``.
    """
    calibration: Sequence[FaceItem] = ()
    judged = items
    if path == "openvino-int8":
        calibration, judged = items[:CALIBRATION], items[CALIBRATION:]
    engine = Engine(model, path=path, device=device, batch=batch, calibration=calibration)
    difference = compare(engine, judged)
    if not difference.within(limit):
        raise QualityError(
            f"{engine.path} strays {difference.mean:.2f}/255 from fp32 on average, "
            f"more than the {limit:g}/255 allowed"
        )
    return engine, difference
