"""YuNet through OpenCV: small, quick on a CPU, MIT.

Source: Wu et al., "YuNet: A Tiny Millisecond-level Face Detector" (2023); opencv_zoo.
Works alike in OpenCV 4.10+ and 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import cv2

from f2f import weights
from f2f.backends.pinned import Pinned
from f2f.config import Config
from f2f.faces.reduction import reduce
from f2f.roles import BackendInfo, Face, Frame

WEIGHTS = "yunet"
OVERLAP = 0.3
"""Boxes that share more than this part of their union are one face."""
MOST_FACES = 200
"""Candidates that survive before the overlap is looked at."""
HYSTERESIS = 0.6
"""Faces down to this part of `min_score` are given too: a track may go on, not begin, with one."""


class YuNet(Pinned):
    """Faces with five landmarks; see `f2f.roles.FaceDetector`."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="yunet",
        role="detection",
        licence="MIT",
        commercial=True,
        weights=(WEIGHTS,),
        packages=("opencv-python-headless", "numpy"),
        note="recall .989 at a long side of 640 pixels",
    )

    def __init__(self, config: Config) -> None:
        self._side = config.faces.detection_side
        self._threshold = config.faces.min_score * HYSTERESIS
        self._net: Any = None

    def __enter__(self) -> Self:
        with _quiet():  # OpenCV 5 warns about a choice of device that nobody made
            self._net = cv2.FaceDetectorYN.create(
                str(weights.locate(WEIGHTS)), "", (320, 320), self._threshold, OVERLAP, MOST_FACES
            )
        return self

    def close(self) -> None:
        """Free the memory."""
        self._net = None

    def detect(self, frame: Frame) -> list[Face]:
        """Faces in pixels of `frame`, best first; boxes may stick out of it."""
        assert self._net is not None, "use the detector as a context manager"
        small, scale = reduce(frame, self._side)
        self._net.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._net.detect(small)  # (N, 15): x, y, w, h, 5 × (x, y), score
        faces = [] if rows is None else [_face(row.tolist(), 1.0 / scale) for row in rows]
        return sorted(faces, key=lambda face: -face.score)


@contextmanager
def _quiet() -> Iterator[None]:
    """OpenCV without its warnings; errors are still written."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def _face(row: list[float], scale: float) -> Face:
    x, y, width, height, *points = (value * scale for value in row[:14])
    return Face(
        box=(x, y, x + width, y + height),
        score=min(1.0, row[14]),
        landmarks=tuple(zip(points[0::2], points[1::2], strict=True)),
    )
