"""How fast the engine's paths are, side by side, and how far each strays from fp32."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lipsync.crops import with_pose_prior
from lipsync.engine import PATHS, Engine, EnginePath, FaceItem
from lipsync.errors import MissingExtraError
from lipsync.fusion import LowerHalf
from lipsync.gate import MEAN_LIMIT, compare
from lipsync.generator import FaceGenerator

MATRIX = 1024
"""Side of the square matrices whose product may give the peak."""
MAPS = (8, 256, 24)
"""Batch, channels and side of the maps whose 3×3 convolution may give it."""
PEAK_ROUNDS = 6

ARITHMETIC: dict[EnginePath, str] = {
    "eager": "fp32",
    "fp32": "fp32",
    "bf16": "bf16",
    "compile": "bf16",
    "openvino-bf16": "bf16",
    "openvino-int8": "int8",
}
"""In what each path multiplies."""


@dataclass(frozen=True)
class Row:
    """One path at one batch."""

    model: str
    path: EnginePath
    device: str
    batch: int
    faces_per_second: float
    """By the clock on the wall, best round: what a user gets on this machine as busy as it is."""
    processor_ms: float
    """Processor time of a face, best round; on a GPU the same as the clock's."""
    speedup: float
    """Over eager at the same batch, median of the rounds, in processor time."""
    mean_difference: float
    """From eager, in 1/255, of the lower half."""
    max_difference: float
    passes: bool | None
    """Whether the quality gate would let it through; None with weights that were not trained."""
    limit: float
    """Faces a second if all multiply-adds of the whole model ran at the measured peak."""
    own_limit: float
    """The same for the multiply-adds that this path really does."""
    ready_seconds: float
    """From the model to the first mouth."""


def measure(
    name: str,
    model: FaceGenerator,
    items: Sequence[FaceItem],
    *,
    paths: Sequence[str],
    batch: int,
    rounds: int,
    device: str,
    peaks: dict[str, float],
    trained: bool,
) -> tuple[list[Row], list[str]]:
    """One row a path, all measured in turn in every round, and what could not be measured.

    The first half of the items calibrates int8; the second is timed and judged.
    """
    half = len(items) // 2
    calibration, timed = items[:half], items[half:]
    engines: dict[EnginePath, Engine] = {}
    ready: dict[EnginePath, float] = {}
    skipped: list[str] = []
    for path in (path for path in PATHS if path == "eager" or path in paths):
        start = time.perf_counter()
        try:
            engine = Engine(model, path=path, device=device, batch=batch, calibration=calibration)
        except MissingExtraError as error:
            skipped.append(f"{path}: {error}")
            continue
        next(engine.mouths(timed))
        engines[path], ready[path] = engine, time.perf_counter() - start

    walls: dict[EnginePath, list[float]] = {path: [] for path in engines}
    works: dict[EnginePath, list[float]] = {path: [] for path in engines}
    for _ in range(rounds):
        for path, engine in engines.items():
            wall, work = _seconds(lambda engine=engine: list(engine.mouths(timed)))  # type: ignore[misc]
            walls[path].append(wall / len(timed))
            works[path].append((work if device == "cpu" else wall) / len(timed))

    whole = multiply_adds(model)
    lean = multiply_adds(LowerHalf(model))
    rows = []
    for path, engine in engines.items():
        difference = compare(engine, timed)
        peak = peaks[ARITHMETIC[path]]
        ratios = [e / own for e, own in zip(works["eager"], works[path], strict=True)]
        rows.append(
            Row(
                model=name,
                path=path,
                device=device,
                batch=batch,
                faces_per_second=1 / min(walls[path]),
                processor_ms=1000 * min(works[path]),
                speedup=statistics.median(ratios),
                mean_difference=difference.mean,
                max_difference=difference.maximum,
                passes=difference.within(MEAN_LIMIT) if trained else None,
                limit=peak / whole,
                own_limit=peak / (whole if path == "eager" else lean),
                ready_seconds=ready[path],
            )
        )
    return rows, skipped


def multiply_adds(generator: nn.Module) -> int:
    """Multiply-adds of one face, counted in the convolutions as they run."""
    counted = 0

    def count(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        nonlocal counted
        assert isinstance(module, nn.Conv2d | nn.ConvTranspose2d)
        places = given[0] if isinstance(module, nn.ConvTranspose2d) else out
        counted += module.weight.numel() * places.shape[-1] * places.shape[-2]

    generator = copy.deepcopy(generator).eval()
    for module in generator.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.register_forward_hook(count)
    model = generator.model if isinstance(generator, LowerHalf) else generator
    assert isinstance(model, FaceGenerator)
    face = torch.zeros(1, 3, model.size, model.size)
    with torch.inference_mode():
        generator(torch.zeros(1, 1, *model.form.shape()), with_pose_prior(face, face))
    return counted


def peaks(device: str) -> dict[str, float]:
    """Multiply-adds a second that are reached at best, by arithmetic.

    The larger of a matrix product and, in floats, a convolution: on some processors the library
    of the one is twice as fast as that of the other.  On a CPU they are counted over processor
    time, like the paths.
    """
    generator = torch.Generator().manual_seed(0)
    left, right = (torch.randn(MATRIX, MATRIX, generator=generator).to(device) for _ in range(2))
    small = [(m * 10).clamp(-127, 127).to(torch.int8) for m in (left, right)]
    rates = {"int8": MATRIX**3 / _best(lambda: torch._int_mm(small[0], small[1]), device)}
    batch, channels, side = MAPS
    multiplied = batch * side**2 * channels**2 * 9
    for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        one, other = left.to(dtype), right.to(dtype)
        conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False, device=device, dtype=dtype)
        conv = conv.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        maps = torch.randn(batch, channels, side, side, device=device, dtype=dtype)
        maps = maps.contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            product = _best(lambda one=one, other=other: one @ other, device)  # type: ignore[misc]
            convolved = _best(lambda conv=conv, maps=maps: conv(maps), device)  # type: ignore[misc]
        rates[name] = max(MATRIX**3 / product, multiplied / convolved)
    return rates


def _best(product: Callable[[], Tensor], device: str) -> float:
    def finished() -> None:
        product()
        if device != "cpu":
            torch.cuda.synchronize()

    finished()
    both = [_seconds(finished) for _ in range(PEAK_ROUNDS)]
    return min(work if device == "cpu" else wall for wall, work in both)


def _seconds(action: Callable[[], object]) -> tuple[float, float]:
    """By the clock, and of processor time over its threads, which is divided among them."""
    wall, work = time.perf_counter(), time.process_time()
    action()
    threads = torch.get_num_threads()
    return time.perf_counter() - wall, (time.process_time() - work) / threads
