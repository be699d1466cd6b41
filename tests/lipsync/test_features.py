from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import python_speech_features
import torch

from lipsync.audio import AudioForm, windows
from lipsync.errors import AudioError
from lipsync.features import FORMS, MFCC_35, features, mfcc


@pytest.mark.parametrize("samples", [100, 400, 401, 16000, 40123])
def test_mfcc_equals_python_speech_features(samples: int) -> None:
    rng = np.random.default_rng(samples)
    sound = (rng.normal(size=samples) * 3000).astype(np.int16)
    ours = mfcc(torch.from_numpy(sound / 32768.0)).numpy()
    theirs = python_speech_features.mfcc(sound, 16000).T
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-4


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_has_its_shape(form: AudioForm) -> None:
    sound = torch.randn(32000) * 0.1
    chosen = windows(features(sound, form), range(60), Fraction(25), form=form)
    assert chosen.shape == (60, 1, *form.shape())
    assert torch.isfinite(chosen).all()


def test_silence_before_the_sound_is_what_silence_sounds_like() -> None:
    silent = features(torch.zeros(16000), MFCC_35)
    assert torch.allclose(silent, torch.full_like(silent, MFCC_35.silence), atol=1e-3)


def test_unknown_forms_and_bad_sound_are_refused() -> None:
    with pytest.raises(AudioError, match="unknown"):
        features(torch.zeros(100), AudioForm("x", 1, 1, 1, 0.0))
    with pytest.raises(AudioError, match="empty"):
        mfcc(torch.zeros(0))
