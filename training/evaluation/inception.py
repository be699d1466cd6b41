"""Inception features for FID (`f2f models pull inception-fid`; the usual 2048-d pool)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from f2f import weights

ENTRY = "inception-fid"
SIDE = 299
BATCH = 16


class Inception:
    """The TorchScript net that FID is defined by."""

    def __init__(self) -> None:
        self._net = torch.jit.load(  # type: ignore[no-untyped-call]
            str(Path(weights.locate(ENTRY)))
        ).eval()

    @torch.no_grad()
    def features(self, faces: Tensor) -> npt.NDArray[np.float64]:
        """(N, 3, S, S) BGR in [0, 1] to (N, 2048)."""
        found = []
        for part in torch.split(faces, BATCH):
            rgb = part.flip(1) * 255
            large = functional.interpolate(rgb, (SIDE, SIDE), mode="bilinear", align_corners=False)
            found.append(self._net(large).reshape(len(part), -1).double().numpy())
        return np.concatenate(found)
