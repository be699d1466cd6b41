"""Several processes on one batch: who am I, how many are we, and the mean of our gradients."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True, slots=True)
class World:
    """This process among those that `torchrun` started."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """True for the one that logs and saves."""
        return self.rank == 0


def join(device: torch.device) -> World:
    """Meet the others if `torchrun` started this process: NCCL, a GPU each; else gloo."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return World()
    if device.type == "cuda" and device.index is None:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return World(distributed.get_rank(), size)


def same_start(modules: Iterable[nn.Module], world: World) -> None:
    """Give every process the first one's weights."""
    if world.size > 1:
        for module in modules:
            for tensor in module.state_dict().values():
                distributed.broadcast(tensor, 0)


def mean_gradients(parameters: Iterable[nn.Parameter], world: World) -> None:
    """Replace every gradient by its mean over all processes, in one message."""
    if world.size == 1:
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= world.size
    at = 0
    for gradient in gradients:
        gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
        at += gradient.numel()


def mean_value(value: float, world: World) -> float:
    """A number's mean over all processes, the same in all of them."""
    if world.size == 1:
        return value
    device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
    tensor: Tensor = torch.tensor([value], dtype=torch.float64, device=device)
    distributed.all_reduce(tensor)
    return float(tensor) / world.size
