"""Real faces with sound for the lip-sync benchmark, from videos or from one photograph."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import soundfile
import torch

from f2f import config as configuration
from f2f.backends.detection.yunet import YuNet
from f2f.media.frames import frames
from f2f.media.probe import probe
from f2f.media.sound import extract
from f2f.media.timeline import samples_of
from lipsync.audio import SAMPLE_RATE, windows
from lipsync.crops import Image, crop, with_chin
from lipsync.engine import FaceItem
from lipsync.features import features
from lipsync.generator import FaceGenerator

ASTRONAUT = (172.3, 68.2, 274.9, 176.0)
"""The face's box in the picture of scikit-image."""
JITTER = 3.0
"""Pixels by which the photograph's box is moved about, standard deviation."""
PICTURE_RATE = 25


def of_photograph(model: FaceGenerator, count: int, *, offset: int) -> list[FaceItem]:
    """One face (the astronaut of scikit-image), a little moved each time, and a made-up sound."""
    with resources.as_file(resources.files("skimage") / "data" / "astronaut.png") as path:
        photograph = np.asarray(cv2.imread(str(path)), np.uint8)
    rng = np.random.default_rng(0)
    seconds = count / PICTURE_RATE + 1
    clock = np.arange(samples_of(seconds, SAMPLE_RATE)) / SAMPLE_RATE
    # A hum of changing pitch and loudness: nothing that a person would take for speech.
    pitch = 120 + 40 * np.sin(clock * 3)
    hum = np.sign(np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE))
    sound = 0.2 * hum * np.sin(clock * 12) ** 2 + rng.normal(size=clock.size) * 0.01
    boxes = with_chin(ASTRONAUT) + rng.normal(size=(count, 4)) * JITTER
    crops = [crop(photograph, box.tolist(), model.size) for box in boxes]
    rate = Fraction(PICTURE_RATE)
    return _joined(model, dict(enumerate(crops)), torch.from_numpy(sound), rate, offset)


def of_videos(
    model: FaceGenerator, videos: Sequence[Path], count: int, *, offset: int
) -> list[FaceItem]:
    """The best face of frames spread over the videos, each with its own sound."""
    items: list[FaceItem] = []
    share = -(-count // len(videos))
    with YuNet(configuration.load()) as detector:
        for video in videos:
            info = probe(video)
            step = max(1, info.frames // share)
            found: dict[int, Image] = {}
            for number, frame in enumerate(frames(video, info)):
                faces = detector.detect(frame) if number % step == 0 else []
                if faces:
                    found[number] = crop(frame, with_chin(faces[0].box), model.size)
            with tempfile.TemporaryDirectory() as folder:
                wav = Path(folder) / "sound.wav"
                extract(video, (wav, SAMPLE_RATE, 1))
                sound = torch.from_numpy(soundfile.read(wav, dtype="float32")[0])
            items += _joined(model, found, sound, info.fps, offset)
    return items[:count]


def _joined(
    model: FaceGenerator, crops: dict[int, Image], sound: torch.Tensor, fps: Fraction, offset: int
) -> list[FaceItem]:
    """Crops by frame number, each with its window of the sound."""
    heard = windows(features(sound, model.form), list(crops), fps, form=model.form, offset=offset)
    return [FaceItem(face, mel) for face, mel in zip(crops.values(), heard, strict=True)]
