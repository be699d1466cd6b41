"""Measures against independent implementations."""

import numpy as np
import pytest
import torch
from scipy import linalg
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from f2f.errors import InputError
from training.evaluation.measures import frechet_distance, landmark_distance, psnr, ssim


@pytest.fixture
def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    real = torch.rand(2, 3, 32, 40)
    return (real + 0.1 * torch.randn_like(real)).clamp(0, 1), real


def test_psnr_is_that_of_scikit_image(pictures):
    made, real = pictures
    expected = [
        peak_signal_noise_ratio(r.numpy(), m.numpy(), data_range=1)
        for m, r in zip(made, real, strict=True)
    ]
    assert psnr(made, real).tolist() == pytest.approx(expected, rel=1e-4)


def test_ssim_is_that_of_scikit_image(pictures):
    made, real = pictures
    expected = [
        structural_similarity(
            r.numpy(),
            m.numpy(),
            channel_axis=0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1,
        )
        for m, r in zip(made, real, strict=True)
    ]
    assert ssim(made, real).tolist() == pytest.approx(expected, abs=1e-4)


def test_frechet_distance_is_that_of_the_matrix_root():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(200, 12)), 1.5 * rng.normal(size=(150, 12)) + 0.3
    product = np.cov(a.T) @ np.cov(b.T)
    root = linalg.sqrtm(product)
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(
        np.cov(a.T) + np.cov(b.T) - 2 * root.real
    )
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-8)


def test_a_moved_mouth_is_the_same_mouth_and_an_opened_one_is_not():
    mouth = torch.rand(3, 40, 2) * 20
    assert landmark_distance(mouth + 7, mouth).tolist() == pytest.approx([0] * 3, abs=1e-4)
    opened = mouth.clone()
    opened[:, :20, 1] += 4
    assert landmark_distance(opened, mouth).tolist() == pytest.approx([2] * 3, abs=1e-4)


def test_pictures_of_different_shapes_are_refused():
    with pytest.raises(InputError):
        psnr(torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 9))
