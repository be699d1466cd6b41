"""Everything a run needs to go on, in one safetensors file; written whole or not at all.

Tensors are stored by the path that leads to them in the nested state; all the rest is JSON in
the header. Nothing is pickled.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from f2f.errors import InputError

log = logging.getLogger(__name__)

HEADER = "state"
_TENSOR = "__tensor__"
_PAIRS = "__pairs__"


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a nested state of dicts, lists, tensors and JSON values."""
    tensors: dict[str, Tensor] = {}
    skeleton = _strip(state, "", tensors)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save_file(tensors, partial, metadata={HEADER: json.dumps(skeleton)})
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def load(path: Path) -> dict[str, Any]:
    """Read what `save` wrote, onto the CPU.

    Raises:
        InputError: the file is missing, damaged or something else.
    """
    try:
        with safe_open(path, framework="pt") as file:
            skeleton = json.loads((file.metadata() or {})[HEADER])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise InputError(f"{path} is no training checkpoint: {error}") from error
    state: dict[str, Any] = _fill(skeleton, tensors)
    return state


def random_state() -> dict[str, Any]:
    """Of torch's generators on every device; no other draws without a seed of its own."""
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {"cpu": torch.get_rng_state(), "cuda": cuda}


def restore_random_state(saved: dict[str, Any] | Tensor) -> None:
    """Go on with what `random_state` gave, or with the CPU's alone as older checkpoints have it.

    The state of GPUs is left as it is where their number is another.
    """
    state: dict[str, Any] = {"cpu": saved, "cuda": []} if isinstance(saved, Tensor) else saved
    torch.set_rng_state(state["cpu"])
    devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if len(state["cuda"]) != devices:
        log.warning(
            "random numbers of %d GPUs were saved, %d are here: the run goes on with others",
            len(state["cuda"]),
            devices,
        )
    elif devices:
        torch.cuda.set_rng_state_all(state["cuda"])


def _strip(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        tensors[name] = value.detach().cpu().contiguous().clone()
        return {_TENSOR: name}
    if isinstance(value, dict):
        # keys may be numbers (optimisers count their parameters), which JSON has not
        return {
            _PAIRS: [[key, _strip(part, f"{name}/{key}", tensors)] for key, part in value.items()]
        }
    if isinstance(value, list | tuple):
        return [_strip(part, f"{name}/{place}", tensors) for place, part in enumerate(value)]
    return value


def _fill(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(value, dict):
        if _TENSOR in value:
            return tensors[value[_TENSOR]]
        return {key: _fill(part, tensors) for key, part in value[_PAIRS]}
    if isinstance(value, list):
        return [_fill(part, tensors) for part in value]
    return value
