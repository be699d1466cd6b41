"""Lip landmarks of a face: the measure LMD and the lip codes are made of them.

MediaPipe's face mesh (Apache-2.0; `f2f models pull face-landmarker`), read by OpenVINO.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from f2f import weights
from f2f.errors import MissingError

Floats = npt.NDArray[np.float32]

ENTRY, MEMBER = "face-landmarker", "face_landmarks_detector.tflite"
INPUT = 256
"""Side of the pictures that the net sees, pixels."""
MARGIN = 1 / 8
"""Of the packed picture's side, repeated around it: the net was made for a looser crop."""
POINTS = 478
BATCH = 8

# MediaPipe's numbers of the points, from the right corner of the mouth along the lower lip to
# the left corner and back along the upper lip: the outer ring, then the inner one.
OUTER_LIP = (
    61,
    146,
    91,
    181,
    84,
    17,
    314,
    405,
    321,
    375,
    291,
    409,
    270,
    269,
    267,
    0,
    37,
    39,
    40,
    185,
)
INNER_LIP = (
    78,
    95,
    88,
    178,
    87,
    14,
    317,
    402,
    318,
    324,
    308,
    415,
    310,
    311,
    312,
    13,
    82,
    81,
    80,
    191,
)
LIPS = OUTER_LIP + INNER_LIP
# Corners of the eyes (outer, outer, inner, inner), nose, bridge, chin (5), sides, forehead.
HEAD = (33, 263, 133, 362, 1, 4, 168, 6, 152, 148, 377, 176, 400, 234, 454, 10)
RIGID_NOSE, RIGID_BRIDGE, RIGID_FOREHEAD = 5, 6, 15
"""Places in `HEAD` of points that no word moves."""
CHIN = slice(8, 13)
RIGID = (0, 1, 2, 3, 4, 5, 6, 13, 14, 15)
"""Places in `HEAD` of all that turns with the head and not with the mouth."""

_RING = (10 - np.arange(20)) % 20
MIRROR = np.concatenate((_RING, 20 + _RING, (40, 42, 41, 44, 43)))
"""For each lip and chin point, the one that stands in its place in the mirror."""


class Landmarker:
    """The face mesh, on packed pictures."""

    def __init__(self) -> None:
        try:
            import openvino
        except ImportError as error:
            raise MissingError(
                "landmarks need OpenVINO: pip install 'face-to-face[accel]'"
            ) from error
        path = Path(weights.locate(ENTRY))
        core = openvino.Core()
        with zipfile.ZipFile(path) as task, tempfile.TemporaryDirectory() as folder:
            # OpenVINO reads this format from files only
            model = core.read_model(task.extract(MEMBER, folder))
        model.reshape([BATCH, INPUT, INPUT, 3])
        self._run: Any = core.compile_model(model, "CPU")

    def find(self, faces: npt.NDArray[np.uint8]) -> Floats:
        """Points of upright faces.

        Args:
            faces: (N, S, S, 3) uint8 BGR, each filled by one face.

        Returns:
            (N, 56, 3): `LIPS`, then `HEAD`; x, y and depth in pixels of the given pictures.
        """
        if len(faces) == 0:
            return np.zeros((0, len(LIPS) + len(HEAD), 3), np.float32)
        side = faces.shape[1]
        pad = round(side * MARGIN)
        scale = (side + 2 * pad) / INPUT
        found = []
        for at in range(0, len(faces), BATCH):
            seen = [_prepared(face, pad) for face in faces[at : at + BATCH]]
            count = len(seen)
            batch = np.stack(seen + [np.zeros_like(seen[0])] * (BATCH - count))
            points = self._run(batch)[0].reshape(BATCH, POINTS, 3)[:count, LIPS + HEAD]
            points = points * scale
            points[..., :2] -= pad
            found.append(points.astype(np.float32))
        return np.concatenate(found)


def _prepared(face: npt.NDArray[np.uint8], pad: int) -> Floats:
    wide = cv2.copyMakeBorder(face, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    large = cv2.resize(cv2.cvtColor(wide, cv2.COLOR_BGR2RGB), (INPUT, INPUT))
    scaled: Floats = large.astype(np.float32) / np.float32(255)
    return scaled


def lip_shapes(points: Floats) -> Floats:
    """Shape of lips and chin, freed from the head's place and turn, and the same in the mirror.

    Args:
        points: (N, 56, 3) of one clip, as `Landmarker.find` gives them.

    Returns:
        (N, 135): 45 points in the head's own axes, in units of the distance between the eyes.
    """
    lips, head = points[:, : len(LIPS)], points[:, len(LIPS) :]
    across = head[:, [1, 3]].mean(1) - head[:, [0, 2]].mean(1)  # eye to eye
    unit = np.median(np.linalg.norm(across, axis=1))
    x = across / np.linalg.norm(across, axis=1, keepdims=True)
    down = head[:, RIGID_BRIDGE] - head[:, RIGID_FOREHEAD]
    down = down - (down * x).sum(1, keepdims=True) * x
    y = down / np.linalg.norm(down, axis=1, keepdims=True)
    axes = np.stack((x, y, np.cross(x, y)), 1)  # (N, 3, 3)
    moved = np.concatenate((lips, head[:, CHIN]), 1) - head[:, RIGID_NOSE, None]
    shape = np.einsum("nij,nkj->nki", axes, moved) / unit
    mirrored = shape[:, MIRROR] * np.array((-1, 1, 1), np.float32)
    shapes: Floats = ((shape + mirrored) / 2).reshape(len(points), -1).astype(np.float32)
    return shapes


def similarity(source: Floats, target: Floats) -> Floats:
    """The turn, scale and shift that bring points onto others, by least squares.

    Args:
        source: (P, 2).
        target: (P, 2).

    Returns:
        (2, 3): target ≈ source @ M[:, :2].T + M[:, 2].
    """
    from_, to = source - source.mean(0), target - target.mean(0)
    power = np.square(from_).sum()
    cosine = (from_ * to).sum() / power
    sine = (from_[:, 0] * to[:, 1] - from_[:, 1] * to[:, 0]).sum() / power
    turn = np.array(((cosine, -sine), (sine, cosine)))
    shift = target.mean(0) - turn @ source.mean(0)
    return np.column_stack((turn, shift)).astype(np.float32)


def head_motion(points: Floats, others: Floats) -> Floats:
    """(2, 3) `similarity` of the heads of two frames, (56, 3) each: from the first to the other."""
    heads = [frame[len(LIPS) :][RIGID, :2] for frame in (points, others)]
    return similarity(heads[0], heads[1])
