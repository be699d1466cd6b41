"""How good generated faces look: PSNR, SSIM and LMD beside the real ones, FID of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from f2f.errors import MissingError
from training.data.landmarks import LIPS, Landmarker
from training.data.packed import Track
from training.evaluation.inception import Inception
from training.evaluation.inference import Inference
from training.evaluation.measures import frechet_distance, landmark_distance, psnr, ssim
from training.evaluation.sync_evaluation import PairEvaluation

FID_EVERY = 8
"""Every so many frames of the pairs are shown to the Inception net; neighbours are alike."""


@dataclass(frozen=True, slots=True)
class PictureQuality:
    """Means over clips, and what could not be measured."""

    measures: dict[str, float]
    """PSNR (dB), SSIM, LMD (pixels of a 96-pixel face), FID, and the counts behind them."""
    not_measured: dict[str, str]
    """Measure → why."""


def picture_quality(
    tracks: Sequence[Track], inference: Inference, evaluations: Sequence[PairEvaluation]
) -> PictureQuality:
    """PSNR, SSIM and LMD of tracks re-made from their own sound and first frame; FID of pairs."""
    missing: dict[str, str] = {}
    values: dict[str, list[float]] = {"psnr": [], "ssim": [], "lmd": []}
    try:
        landmarker: Landmarker | None = Landmarker()
    except MissingError as error:
        landmarker = None
        missing["lmd"] = str(error)
    for track in tracks:
        real, generated = inference.reconstruct(track)
        values["psnr"].append(float(psnr(generated, real).mean()))
        values["ssim"].append(float(ssim(generated, real).mean()))
        if landmarker is not None:
            lips = [_lips(landmarker, faces) for faces in (generated, real)]
            values["lmd"].append(float(landmark_distance(*lips).mean()))
    measures = {name: float(np.mean(found)) for name, found in values.items() if found}
    measures["clips"] = float(len(tracks))
    try:
        inception = Inception()
    except MissingError as error:
        return PictureQuality(measures, {**missing, "fid": str(error)})
    real_features, features = (
        inception.features(torch.cat(faces)[::FID_EVERY])
        for faces in ([e.real for e in evaluations], [e.generated for e in evaluations])
    )
    measures["fid"] = frechet_distance(features, real_features)
    measures["fid_pictures"] = float(len(features))
    return PictureQuality(measures, missing)


def _lips(landmarker: Landmarker, faces: Tensor) -> Tensor:
    return torch.from_numpy(landmarker.find(_pictures(faces))[:, : len(LIPS), :2])


def _pictures(faces: Tensor) -> npt.NDArray[np.uint8]:
    pixels = (faces * 255).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(0, 2, 3, 1).numpy())
