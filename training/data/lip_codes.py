"""Ten numbers that say how a mouth is shaped: what the guided warm-up teaches the generator by.

A narrow generator with little time ignores its sound: for the L1 loss a still mouth is nearly as
good as a moving one, and the way from sound to pixels is long. Codes cut it in two. The audio
encoder learns the code from sound, the decoder learns pixels from the true code, and both meet
in one embedding.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from f2f.errors import InputError
from lipsync.generator import FaceGenerator
from training.data.landmarks import Landmarker, lip_shapes
from training.data.packed import every_track, save_array

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

CODES = 10
"""Principal components of the shape; the first four hold 94% of it."""
LARGEST = 3.0
"""Codes are clipped here, in about their standard deviations."""
LEVEL = 3.0
"""Added to codes inside an embedding, which is not negative."""
FITTED = 30_000
"""Shapes that the components are fitted on."""


def fit(shapes: list[Floats], rng: np.random.Generator) -> Floats:
    """The projection (135, CODES) from a shape, less its clip's median, to its code.

    Components are scaled by the root of their standard deviation's share, so that the first, in
    which sound shows most, keep more weight than whitening would leave them.
    """
    pool = np.concatenate([shape - np.median(shape, 0) for shape in shapes])
    pool = pool[rng.permutation(len(pool))[:FITTED]]
    components = np.linalg.svd(pool, full_matrices=False)[2][:CODES]  # (CODES, 135)
    spread = (pool @ components.T).std(0)
    projection: Floats = (components / np.sqrt(spread * spread[0])[:, None]).T.astype(np.float32)
    return projection


def encode(shapes: Floats, projection: Floats) -> Floats:
    """(N, 135) shapes of one clip to (N, CODES)."""
    codes: Floats = np.clip((shapes - np.median(shapes, 0)) @ projection, -LARGEST, LARGEST)
    return codes.astype(np.float32)


def embedding_of(codes: Tensor, length: int) -> Tensor:
    """(B, CODES) as an audio embedding, (B, length): codes + LEVEL, then zeros."""
    return nn.functional.pad(codes + LEVEL, (0, length - CODES))


def decode(generator: FaceGenerator, embedding: Tensor, faces: Tensor) -> Tensor:
    """Faces (B, 3, S, S) from an audio embedding (B, E) and inputs (B, 6, S, S)."""
    skips = generator.encode(faces)
    x = embedding[:, :, None, None]
    for block in generator.face_decoder_blocks:
        x = torch.cat((block(x), skips.pop()), dim=1)
    made: Tensor = generator.output_block(x)
    return made


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m training lips`."""
    command = commands.add_parser("lips", help="write every packed track's landmarks and lip codes")
    command.add_argument("packed", type=Path)
    command.set_defaults(act=_act)


def _act(chosen: argparse.Namespace) -> int:
    landmarker = Landmarker()
    found = list(every_track(chosen.packed))
    shapes = {}
    for number, track in enumerate(found, 1):
        points = landmarker.find(np.asarray(track.faces))
        save_array(chosen.packed / f"{track.name}.landmarks.npy", points.astype(np.float16))
        shapes[track.name] = lip_shapes(points)
        if number % 100 == 0 or number == len(found):
            log.info("%d of %d tracks", number, len(found))
    training = [shapes[track.name] for track in found if track.split == "train"]
    if not training:
        raise InputError(f"{chosen.packed} holds no 'train' track")
    projection = fit(training, np.random.default_rng(0))
    for name, shape in shapes.items():
        save_array(chosen.packed / f"{name}.lips.npy", encode(shape, projection))
    return 0
