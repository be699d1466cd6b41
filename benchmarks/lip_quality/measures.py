"""Figures of mouths: sharpness, flicker, synchrony, likeness to the person's real ones, leak."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt
import torch

from f2f.media.timeline import duration_in_samples, exact_time, frame_at, frame_count
from lipsync.audio import SAMPLE_RATE, mel_spectrogram
from lipsync.checkpoint import load_expert
from lipsync.errors import ScoreError
from lipsync.own_mouth.descriptors import describe, distances, resized
from lipsync.own_mouth.matching import BARRED
from training.data.landmarks import INNER_LIP, LIPS, Landmarker
from training.data.packed import FPS
from training.evaluation.evaluate import shipped_experts
from training.evaluation.inception import Inception
from training.evaluation.lpips import Lpips
from training.evaluation.measures import frechet_distance
from training.evaluation.sync_scorers import ExpertScorer, Scene, score

Faces = npt.NDArray[np.uint8]
"""(N, h, w, 3) BGR, whole faces in the video's own pixels."""

MOUTH = ((0.56, 0.90), (0.25, 0.75))
"""Rows and columns of the mouth in a face, as parts of it."""
UPPER, LOWER = LIPS.index(INNER_LIP[15]), LIPS.index(INNER_LIP[5])
"""Middle of the inner lip's upper and lower edge."""
LPIPS_EVERY, LPIPS_SIDE = 4, 128
"""Frames of which one is judged, and pixels of its mouth."""
SHORTEST = 40
"""Frames from which synchrony is scored: shifts of ± 15 need room."""


def mouths(faces: Faces) -> Faces:
    """The mouth's part of each face."""
    rows, columns = (
        slice(round(part[0] * size), round(part[1] * size))
        for part, size in zip(MOUTH, faces.shape[1:3], strict=True)
    )
    return faces[:, rows, columns]


def sharpness(faces: Faces) -> float:
    """Mean variance of the Laplacian of the mouth's brightness."""
    greys = [cv2.cvtColor(mouth, cv2.COLOR_BGR2GRAY) for mouth in mouths(faces)]
    return float(np.mean([cv2.Laplacian(grey, cv2.CV_32F).var() for grey in greys]))


def flicker(faces: Faces) -> float:
    """Mean size of the second difference of the mouth's brightness in time, in 1/255."""
    grey = mouths(faces).astype(np.float32).mean(-1)
    return float(np.abs(grey[:-2] - 2 * grey[1:-1] + grey[2:]).mean())


class Judges:
    """What must be loaded once."""

    def __init__(self) -> None:
        self._experts = [
            ExpertScorer(load_expert(path).model) for path in shipped_experts() if _long(path.stem)
        ]
        self._inception = Inception()
        self._lpips = Lpips()
        self._landmarker = Landmarker()

    def synchrony(
        self, faces: Faces, sound: npt.NDArray[np.float32], fps: Fraction
    ) -> dict[str, float]:
        """LSE-D and LSE-C by each expert.

        Args:
            faces: consecutive frames.
            sound: 16 kHz, from the first frame on.
            fps: of the faces; at the experts' rate, the frame that is shown then is taken.
        """
        rate = Fraction(FPS)
        count = frame_count(exact_time(len(faces), fps), rate)
        if count < SHORTEST:
            return {}
        near = [
            min(len(faces) - 1, frame_at(exact_time(number, rate), fps)) for number in range(count)
        ]
        small = np.stack([resized(faces[number], 96) for number in near])
        samples = np.zeros(duration_in_samples(count, rate, SAMPLE_RATE), np.float32)
        samples[: len(sound)] = sound[: len(samples)]
        heard = torch.from_numpy(samples)
        scene = Scene(
            torch.from_numpy(small).permute(0, 3, 1, 2).float() / 255,
            mel_spectrogram(heard),
            heard,
        )
        found = {}
        for expert in self._experts:
            try:
                result = score(expert, scene)
            except ScoreError:
                continue
            found[f"lse_d_{expert.frames}"] = result.distance
            found[f"lse_c_{expert.frames}"] = result.confidence
        return found

    def openings(self, faces: Faces) -> npt.NDArray[np.float64]:
        """(N,) gap between the inner lips, as a part of the face's height."""
        small = np.stack([resized(face, 96) for face in faces])
        points = self._landmarker.find(small)
        gap = np.linalg.norm(points[:, UPPER, :2] - points[:, LOWER, :2], axis=1) / 96
        return np.asarray(gap, np.float64)

    def lpips(self, faces: Faces, real: Faces) -> float:
        """Mean LPIPS of mouths to the person's own real ones: of each to the most alike of those
        that were not filmed at the same time.

        Args:
            faces: consecutive frames.
            real: the same frames as filmed.
        """
        looks, _ = describe([resized(face, 96) for face in real])
        places = np.arange(0, len(faces), LPIPS_EVERY)
        made, _ = describe([resized(faces[place], 96) for place in places])
        apart = distances(made, looks)
        apart[np.abs(places[:, None] - np.arange(len(real))) <= BARRED] = np.inf
        pairs = [
            torch.from_numpy(np.stack([resized(mouth, LPIPS_SIDE) for mouth in mouths(some)]))
            for some in (faces[places], real[apart.argmin(1)])
        ]
        one, other = (part.permute(0, 3, 1, 2).float() / 255 for part in pairs)
        return float(self._lpips.distance(one, other).mean())

    def features(self, pictures: Faces) -> npt.NDArray[np.float64]:
        """(N, 2048) of Inception's last pool."""
        tensors = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 255
        return self._inception.features(tensors)


def fid(made: Sequence[npt.NDArray[np.float64]], real: Sequence[npt.NDArray[np.float64]]) -> float:
    """Fréchet distance of all features together."""
    return frechet_distance(np.concatenate(made), np.concatenate(real))


def cosine(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Mean cosine of rows."""
    product = (one * other).sum(1)
    return float(np.mean(product / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)))


def correlation(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Pearson's; 0 where one of them does not change."""
    if min(one.std(), other.std()) < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _long(name: str) -> bool:
    """The two experts that see most frames; one frame tells little."""
    return not name.endswith("tv1")
