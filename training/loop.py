"""The one training loop. A recipe supplies `step`; everything else happens here, in sight.

A run is a function of its settings: sample n depends on the seed and n alone, the learning rate
on the step alone, and everything that changes is in the checkpoint. So a killed run goes on to
the same weights as one that was not (bit-equal on a CPU).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from f2f.errors import ConfigError
from training import snapshot
from training.curves import Curves
from training.parallel import World, join, mean_gradients, mean_value, same_start
from training.settings import Optimiser, Settings

log = logging.getLogger(__name__)

CHECKPOINT = "last.safetensors"
FINAL_RATE = 0.02
"""The rate at the end of its decay, as part of its height."""

Batch = dict[str, Tensor]


@dataclass
class State:
    """What changes in a run besides tensors."""

    step: int = 0
    samples: int = 0
    """Drawn by all processes together; the next sample's number."""
    seconds: float = 0.0
    """Spent in steps, over all resumptions."""
    values: dict[str, float] = field(default_factory=dict)
    """The recipe's own, such as the sync weight that is in force."""

    @property
    def rate(self) -> float:
        """Samples a second so far."""
        return self.samples / max(self.seconds, 1e-9)


class Recipe(Protocol):
    """What a model brings to the loop."""

    modules: dict[str, nn.Module]
    """All that is trained, each with an optimiser of its own; frozen ones stay outside."""
    averaged: tuple[str, ...]
    """The modules of which an exponential mean is kept."""

    def batches(self, first: int, world: World) -> Iterator[Batch]:
        """Endless micro-batches from sample number `first` on."""
        ...

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """One micro-batch: compute losses, hand them to `trainer.descend`, return them."""
        ...

    def evaluate(self, modules: dict[str, nn.Module], state: State) -> dict[str, float]:
        """Losses on held-out windows with the given (averaged) modules; may change `state`."""
        ...

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """Write the weights that others use."""
        ...


class Trainer:
    """Runs one recipe.

    Args:
        recipe: what to train.
        settings: how; checkpoints and curves go into `settings.out`.
    """

    def __init__(self, recipe: Recipe, settings: Settings) -> None:
        self.recipe, self.settings, self.run_settings = recipe, settings, settings.run
        self.device = device_of(settings.run.device)
        self.world = join(self.device)
        self.state = State()
        for module in recipe.modules.values():
            module.to(self.device)
            if settings.run.channels_last:
                module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimisers = {
            name: _adam(module, settings.optimiser) for name, module in recipe.modules.items()
        }
        same_start(recipe.modules.values(), self.world)
        self.means = {
            name: {key: value.clone() for key, value in recipe.modules[name].state_dict().items()}
            for name in recipe.averaged
            if settings.run.ema > 0
        }

    def run(self) -> State:
        """Train from where the last checkpoint is up to the settings' number of steps."""
        out, options, state = self.settings.out, self.run_settings, self.state
        out.mkdir(parents=True, exist_ok=True)
        if (out / CHECKPOINT).is_file():
            self.restore(snapshot.load(out / CHECKPOINT))
            log.info("resumed at step %d", state.step)
        (out / "settings.json").write_text(self.settings.model_dump_json(indent=2))
        curves = Curves(out, state.step) if self.world.first else None
        batches = self.recipe.batches(state.samples, self.world)
        saved, sums, counted = time.monotonic(), dict[str, float](), 0
        while state.step < options.steps:
            began = time.monotonic()
            sums = _added(sums, self._step(batches))
            counted += 1
            state.seconds += time.monotonic() - began
            if state.step % options.log_every == 0 or state.step == options.steps:
                row = {key: mean_value(v / counted, self.world) for key, v in sums.items()}
                sums, counted = {}, 0
                if curves:
                    curves.write(state.step, row, seconds=state.seconds, rate=state.rate)
            if state.step % options.evaluate_every == 0:
                held_out = {
                    key: mean_value(value, self.world) for key, value in self.evaluate().items()
                }
                if curves:
                    curves.write(state.step, held_out, seconds=state.seconds, rate=state.rate)
            if time.monotonic() - saved > 60 * options.save_minutes:
                self.save()
                saved = time.monotonic()
        self.save()
        return state

    def _step(self, batches: Iterator[Batch]) -> dict[str, float]:
        """One optimiser step over `accumulate` micro-batches; mean losses."""
        options, state = self.run_settings, self.state
        rate = rate_at(state.step, options.steps, self.settings.optimiser)
        for name, optimiser in self.optimisers.items():
            part = self.settings.optimiser.parts.get(name, 1.0)
            optimiser.param_groups[0]["lr"] = rate * part
            optimiser.zero_grad()
        sums = dict[str, float]()
        for module in self.recipe.modules.values():
            module.train()
        for _ in range(options.accumulate):
            sums = _added(sums, self.recipe.step(self._placed(next(batches)), state, self))
            state.samples += options.batch * self.world.size
        for name, module in self.recipe.modules.items():
            mean_gradients(module.parameters(), self.world)
            if self.settings.optimiser.clip > 0:
                nn.utils.clip_grad_norm_(module.parameters(), self.settings.optimiser.clip)
            self.optimisers[name].step()
        state.step += 1
        self._average()
        return {key: value / options.accumulate for key, value in sums.items()}

    def descend(self, loss: Tensor) -> None:
        """Add a loss's gradient; a recipe calls it for each of its losses."""
        (loss / self.run_settings.accumulate).backward()  # type: ignore[no-untyped-call]

    def autocast(self) -> torch.autocast:
        """The context in which a recipe runs its models."""
        wanted = self.run_settings.precision == "bf16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=wanted)

    def evaluate(self) -> dict[str, float]:
        """The recipe's evaluation with the averaged weights, which are then put back."""
        modules = self.recipe.modules
        kept = {name: _copied(modules[name].state_dict()) for name in self.means}
        for name, mean in self.means.items():
            modules[name].load_state_dict(mean)
        for module in modules.values():
            module.eval()
        with torch.no_grad(), self.autocast():
            found = self.recipe.evaluate(modules, self.state)
        if self.world.first:
            self.recipe.export(modules, self.state, self.settings.out)
        for name, weights in kept.items():
            modules[name].load_state_dict(weights)
        return found

    def save(self) -> None:
        """Write the checkpoint, from the first process."""
        if not self.world.first:
            return
        modules = self.recipe.modules
        snapshot.save(
            self.settings.out / CHECKPOINT,
            {
                "state": asdict(self.state),
                "modules": {name: module.state_dict() for name, module in modules.items()},
                "optimisers": {name: o.state_dict() for name, o in self.optimisers.items()},
                "means": self.means,
                "random": snapshot.random_state(),
            },
        )

    def restore(self, saved: dict[str, Any]) -> None:
        """Go back to a checkpoint."""
        for name, value in saved["state"].items():
            setattr(self.state, name, value)
        for name, module in self.recipe.modules.items():
            module.load_state_dict(saved["modules"][name])
            self.optimisers[name].load_state_dict(saved["optimisers"][name])
        for name, mean in self.means.items():
            for key, value in mean.items():
                value.copy_(saved["means"][name][key])
        snapshot.restore_random_state(saved["random"])

    def _placed(self, batch: Batch) -> Batch:
        return {name: tensor.to(self.device, non_blocking=True) for name, tensor in batch.items()}

    @torch.no_grad()
    def _average(self) -> None:
        # early on the mean follows faster, so that it does not remember the random start
        step = self.state.step
        decay = min(self.run_settings.ema, (1 + step) / (10 + step))
        for name, mean in self.means.items():
            for key, value in self.recipe.modules[name].state_dict().items():
                if value.is_floating_point():
                    mean[key].lerp_(value, 1 - decay)
                else:
                    mean[key].copy_(value)


def rate_at(step: int, steps: int, options: Optimiser) -> float:
    """The learning rate of a step: a linear rise, a plateau, a linear fall."""
    rate = options.rate
    if options.warm_up > 0:
        rate *= min(1.0, (step + 1) / options.warm_up)
    if options.decay > 0:
        left = (steps - step) / max(1.0, options.decay * steps)
        rate *= max(FINAL_RATE, min(1.0, left))
    return rate


def device_of(name: str) -> torch.device:
    """The device that a setting names; `auto` takes a GPU where there is one.

    Raises:
        ConfigError: there is no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"run.device: there is no device '{name}'") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigError(f"run.device: '{name}' is not on this machine")
    return device


def _adam(module: nn.Module, options: Optimiser) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        module.parameters(),
        lr=options.rate,
        betas=options.betas,
        weight_decay=options.weight_decay,
    )


def _added(sums: dict[str, float], more: dict[str, float]) -> dict[str, float]:
    return {key: sums.get(key, 0.0) + value for key, value in more.items()}


def _copied(weights: dict[str, Any]) -> dict[str, Any]:
    return {name: tensor.clone() for name, tensor in weights.items()}
