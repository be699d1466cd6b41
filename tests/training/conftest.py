"""A packed data set of drawn mouths that open with the loudness of their sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.data.excerpts import sound_windows
from training.data.lip_codes import CODES
from training.data.packed import ClipNote, TrackNote, tracks, write_note, write_track

RATE = 16_000
MEL_OFFSET = -6


def talk(seed: int, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """(N, 112, 112, 3) faces and their (S,) sound."""
    rng = np.random.default_rng(seed)
    loud = np.clip(
        np.interp(
            np.arange(frames),
            np.arange(0, frames + 4, 4),
            rng.random(len(np.arange(0, frames + 4, 4))),
        ),
        0,
        1,
    )
    faces = np.empty((frames, 112, 112, 3), np.uint8)
    skin = rng.integers(120, 220, 3)
    for face, level in zip(faces, loud, strict=True):
        face[:] = skin
        face[80 - int(10 * level) : 82 + int(10 * level), 40:72] = 30
    envelope = np.repeat(loud, RATE // 25).astype(np.float32)
    return faces, 0.3 * envelope * rng.standard_normal(len(envelope)).astype(np.float32)


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six clips of four speakers, two of them held out."""
    folder = tmp_path_factory.mktemp("packed")
    for number in range(6):
        faces, samples = talk(number, 40)
        name, split = f"clip{number}", "val" if number >= 4 else "train"
        boxes = np.tile(np.float32([10, 10, 90, 100]), (40, 1))
        write_track(folder, f"{name}.0", faces=faces, boxes=boxes, samples=samples)
        note = TrackNote((0, 40), "ok", 90.0)
        file = f"talk/{name}.mkv"
        write_note(folder, name, ClipNote(file, f"speaker{number // 2}", split, "ok", (note,)))
    return folder


@pytest.fixture
def coded(packed: Path, tmp_path: Path) -> Path:
    """The packed clips with codes that follow the loudness of their sound."""
    folder = tmp_path / "coded"
    folder.mkdir()
    for path in packed.iterdir():
        (folder / path.name).symlink_to(path)
    for split in ("train", "val"):
        for track in tracks(packed, split):
            heard = sound_windows(track, range(len(track)), offset=MEL_OFFSET)
            loud = heard[:, 0].mean((1, 2)).numpy()
            codes = np.zeros((len(track), CODES), np.float32)
            codes[:, 0] = (loud - np.median(loud)) / loud.std()
            np.save(folder / f"{track.name}.lips.npy", codes)
            face = np.random.default_rng(0).uniform(30, 80, (56, 3))
            points = np.tile(face, (len(track), 1, 1)).astype(np.float16)
            np.save(folder / f"{track.name}.landmarks.npy", points)
    return folder
