"""LPIPS (Zhang et al., 2018): how different two pictures look, by AlexNet's features.

The weights are those of the authors' version 0.1 (`f2f models pull lpips-alexnet`).  Their file
is a pickle of plain arrays: the reader below makes arrays and nothing else.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy._core import multiarray
from torch import Tensor
from torch.nn import functional

from f2f import weights
from f2f.errors import InputError

ENTRY = "lpips-alexnet"
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""What the pictures, in −1..1 RGB, are brought to zero mean and unit deviation by."""
STRIDES, PADS = (4, 1, 1, 1, 1), (2, 2, 1, 1, 1)
"""Of AlexNet's five convolutions."""
POOLED_BEFORE = (1, 2)
"""Convolutions that see pooled features."""
SMALLEST = 64
"""Side of a picture, in pixels, below which the last features have no extent."""

_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): multiarray._reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): multiarray._reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


class Lpips:
    """The distance, with the weights in memory."""

    def __init__(self) -> None:
        tree = read_arrays((Path(weights.locate(ENTRY))).read_bytes())
        convolutions = [tree["AlexNet_0"][f"Conv_{n}"] for n in range(len(STRIDES))]
        # (rows, columns, inputs, outputs) there, (outputs, inputs, rows, columns) here
        self._kernels = [
            torch.from_numpy(one["kernel"].transpose(3, 2, 0, 1).copy()) for one in convolutions
        ]
        self._biases = [torch.from_numpy(one["bias"].copy()) for one in convolutions]
        self._lines = [
            torch.from_numpy(next(iter(_leaves(tree[f"NetLinLayer_{n}"]))).reshape(1, -1, 1, 1))
            for n in range(len(STRIDES))
        ]

    @torch.no_grad()
    def distance(self, one: Tensor, other: Tensor) -> Tensor:
        """(N,) distances of pairs; 0 for equal pictures.

        Args:
            one: (N, 3, H, W) BGR in [0, 1], sides of at least `SMALLEST`.
            other: the same shape.

        Raises:
            InputError: other shapes.
        """
        if one.shape != other.shape or one.ndim != 4 or min(one.shape[-2:]) < SMALLEST:
            raise InputError(f"LPIPS of {tuple(one.shape)} and {tuple(other.shape)} is not defined")
        total = torch.zeros(len(one))
        for a, b, line in zip(self._features(one), self._features(other), self._lines, strict=True):
            apart = (functional.normalize(a) - functional.normalize(b)).square()
            total += (apart * line).sum(1).mean((1, 2))
        return total

    def _features(self, pictures: Tensor) -> list[Tensor]:
        shift, scale = (torch.tensor(part).view(1, 3, 1, 1) for part in (SHIFT, SCALE))
        x = (pictures.flip(1) * 2 - 1 - shift) / scale
        found = []
        for number, (kernel, bias) in enumerate(zip(self._kernels, self._biases, strict=True)):
            if number in POOLED_BEFORE:
                x = functional.max_pool2d(x, 3, 2)
            x = functional.conv2d(x, kernel, bias, STRIDES[number], PADS[number]).relu()
            found.append(x)
        return found


def read_arrays(data: bytes) -> Any:
    """A pickle of nested mappings of arrays.

    Raises:
        InputError: it holds anything else.
    """
    try:
        return _Arrays(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, EOFError, KeyError, ValueError, TypeError) as error:
        raise InputError(f"not a file of arrays: {error}") from error


class _Arrays(pickle.Unpickler):
    """Knows arrays alone, so that a file cannot run anything."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is no array") from None


def _leaves(tree: Any) -> list[np.ndarray[Any, Any]]:
    if isinstance(tree, np.ndarray):
        return [tree]
    return [leaf for branch in tree.values() for leaf in _leaves(branch)]
