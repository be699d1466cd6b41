"""The contact sheet: real mouths above generated ones, to be looked at by a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from training.data.packed import Track
from training.evaluation.inference import Inference

COLUMNS = 10
GAP = 4
"""Black pixels between two people."""


def write_contact_sheet(path: Path, tracks: Sequence[Track], inference: Inference) -> None:
    """Two rows a track: real frames, and the same made from the first frame and the sound."""
    rows = []
    for track in tracks:
        faces, generated = inference.reconstruct(track)
        places = np.linspace(2, len(faces) - 3, COLUMNS).astype(int)
        for shown in (faces, generated):
            row = torch.cat([shown[int(place)] for place in places], dim=2)  # (3, S, 10·S)
            rows.append((row * 255).round().byte().permute(1, 2, 0).numpy())
        rows.append(np.zeros((GAP, rows[-1].shape[1], 3), np.uint8))
    cv2.imwrite(str(path), np.concatenate(rows))
