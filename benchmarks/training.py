"""Samples a second of the training steps, beside a plain fp32 loop over the same models.

    python -m benchmarks.training [--width 0.25] [--threads 1] [--steps 5] [--json FILE]

Both sides see the same random batch, so that only the step is measured: forward, losses,
backward, optimiser. Ours is `training.loop` with its averaging of weights; the plain loop has
neither autocast nor channels-last. The two take turns, and the medians are compared.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lipsync import checkpoint
from lipsync.checkpoint import Info
from lipsync.expert import Expert
from training import losses, similarity
from training.__main__ import recipe_of
from training.loop import Trainer, device_of
from training.recipes.expert import TrainedExpert
from training.recipes.wav2lip import SYNC_WEIGHT, Wav2LipRecipe
from training.settings import Settings

Batch = dict[str, Tensor]

CLIPS, WINDOWS = 8, 4
"""Of an expert's batch."""
FACES, FRAMES = 4, 5
"""Windows and frames of a generator's batch."""


@dataclass(frozen=True)
class Row:
    """One kind of step; samples are frames of the generator, windows of the expert."""

    step: str
    plain: float
    """Samples a second of the fp32 loop."""
    ours: float
    """Samples a second of the training loop."""
    faster: float


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=float, default=0.25, help="channel multiplier")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--steps", type=int, default=5, help="timed steps of each kind")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = device_of(options.device)
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), options.width, options.steps, device)
    print(
        f"width {options.width:g}, {device}, {options.threads} threads, torch {torch.__version__}"
    )
    print(f"{'step':<22} {'plain fp32':>12} {'ours':>12} {'faster':>8}   samples/s")
    for row in rows:
        print(f"{row.step:<22} {row.plain:>12.1f} {row.ours:>12.1f} {row.faster:>7.2f}×")
    if options.json:
        machine = {"width": options.width, "threads": options.threads, "device": str(device)}
        options.json.write_text(json.dumps({**machine, "rows": [asdict(row) for row in rows]}))


def measure(folder: Path, width: float, steps: int, device: torch.device) -> list[Row]:
    """All kinds of step."""
    torch.manual_seed(0)
    path = folder / "expert.safetensors"
    checkpoint.save(path, Expert(width=width), Info())
    common = {"out": folder / "run", "run": {"device": str(device)}}
    expert = {**common, "model": "expert", "expert": {"width": width, "windows": WINDOWS}}
    task = {"width": width, "expert": path, "quality_width": width}
    plain = {**common, "model": "wav2lip", "wav2lip": task}
    adversarial = {**plain, "wav2lip": {**task, "adversarial_weight": 0.07}}
    sounds, faces = expert_batch(device), face_batch(device)
    return [
        compared("expert", expert, sounds, CLIPS * WINDOWS, steps),
        compared("generator", plain, faces, FACES * FRAMES, steps),
        compared("generator + adversary", adversarial, faces, FACES * FRAMES, steps),
    ]


def compared(name: str, options: dict[str, Any], batch: Batch, samples: int, steps: int) -> Row:
    """Time both loops in turns, after one step of each that is not counted."""
    settings = Settings.model_validate(options)
    trainer = Trainer(recipe_of(settings), settings)
    trainer.state.values[SYNC_WEIGHT] = settings.wav2lip.sync_weight
    ours = itertools.repeat(batch)
    plain = plain_step(settings, batch)
    times: tuple[list[float], list[float]] = ([], [])
    sides: tuple[Callable[[], object], ...] = (plain, lambda: trainer._step(ours))
    for _ in range(steps + 1):
        for side, kept in zip(sides, times, strict=True):
            kept.append(timed(side, trainer.device))
    slow, fast = (samples / statistics.median(kept[1:]) for kept in times)
    return Row(name, slow, fast, fast / slow)


def timed(step: Callable[[], object], device: torch.device) -> float:
    """Seconds of one step."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    began = time.perf_counter()
    step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began


def plain_step(settings: Settings, batch: Batch) -> Callable[[], None]:
    """The loop that one would write first: fp32, default memory order, Adam."""
    plain = settings.model_copy(
        update={"run": settings.run.model_copy(update={"channels_last": False})}
    )
    recipe = recipe_of(plain)
    device = device_of(settings.run.device)
    modules = {name: module.to(device).train() for name, module in recipe.modules.items()}
    adams = {name: torch.optim.Adam(module.parameters()) for name, module in modules.items()}

    def expert() -> None:
        model = modules["expert"]
        assert isinstance(model, TrainedExpert)
        video = model.expert.embed_faces(batch["mouths"].flatten(0, 1))
        audio = model.expert.embed_audio(batch["mels"].flatten(0, 1))
        shape = (CLIPS, WINDOWS, -1)
        matrices = similarity.cosines(video.reshape(shape), audio.reshape(shape))
        descend(losses.contrastive(matrices, model.scale.exp()), "expert")

    def generator() -> None:
        assert isinstance(recipe, Wav2LipRecipe)
        generated = modules["generator"](batch["mels"], batch["faces"])
        quality: nn.Module | None = modules.get("quality")
        gen = losses.adversarial(quality(generated)) if quality else generated.new_zeros(())
        total = losses.total(
            losses.reconstruction(generated, batch["target"]),
            recipe.sync_loss(generated, batch["sync_mel"]),
            gen,
            sync_weight=settings.wav2lip.sync_weight,
            gen_weight=settings.wav2lip.adversarial_weight,
        )
        descend(total, "generator")
        if quality is not None:
            loss = losses.discrimination(quality(batch["target"]), quality(generated.detach()))
            descend(loss, "quality")

    def descend(loss: Tensor, name: str) -> None:
        adams[name].zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adams[name].step()

    return expert if settings.model == "expert" else generator


def expert_batch(device: torch.device) -> Batch:
    """Random windows in the form of `training.data.windows.SyncWindows`."""
    return {
        "mouths": torch.rand(CLIPS, WINDOWS, 15, 48, 96, device=device),
        "mels": torch.rand(CLIPS, WINDOWS, 1, 80, 16, device=device) * 8 - 4,
    }


def face_batch(device: torch.device) -> Batch:
    """Random windows in the form of `training.data.windows.FaceWindows`."""
    return {
        "faces": torch.rand(FACES, FRAMES, 6, 96, 96, device=device),
        "target": torch.rand(FACES, FRAMES, 3, 96, 96, device=device),
        "mels": torch.rand(FACES, FRAMES, 1, 80, 16, device=device) * 8 - 4,
        "sync_mel": torch.rand(FACES, 1, 80, 16, device=device) * 8 - 4,
    }


if __name__ == "__main__":
    main()
