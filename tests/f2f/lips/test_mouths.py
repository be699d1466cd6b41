"""Mouths go where they belong, and every other frame is handed on untouched."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from f2f.errors import StageError
from f2f.lips.mouths import MOUTHS, Lips, Mouth, Patcher
from f2f.store import values
from lipsync.crops import crop
from lipsync.paste import paste

SIDE = 96
BOX = (40.0, 20.0, 140.0, 140.0)
RANDOM = np.random.default_rng(0)
FRAME = RANDOM.integers(0, 255, (180, 200, 3), np.uint8)


def made(folder: Path, *mouths: Mouth) -> tuple[Lips, Path, np.ndarray]:
    pictures = RANDOM.integers(0, 255, (len(mouths), SIDE, SIDE, 3), np.uint8)
    (folder / MOUTHS).write_bytes(pictures.tobytes())
    return Lips(mouths, SIDE, "test", "eager", 0.0, 0.0), folder / MOUTHS, pictures


def test_frames_without_a_mouth_are_the_same_object(tmp_path: Path) -> None:
    lips, file, _ = made(tmp_path, Mouth(3, BOX, 1.0))
    patcher = Patcher(lips, file)
    assert [patcher.changes(index) for index in range(5)] == [False, False, False, True, False]
    assert patcher.patch(2, FRAME) is FRAME


def test_a_mouth_is_pasted_and_the_frame_left_alone(tmp_path: Path) -> None:
    lips, file, pictures = made(tmp_path, Mouth(1, BOX, 1.0), Mouth(3, BOX, 1.0))
    before = FRAME.copy()
    patched = Patcher(lips, file).patch(3, FRAME)
    assert np.array_equal(patched, paste(FRAME, pictures[1], BOX))
    assert np.array_equal(FRAME, before)
    assert np.array_equal(patched[:80], FRAME[:80])  # above the middle of the box
    assert not np.array_equal(patched[80:140], FRAME[80:140])


def test_a_faces_own_crop_goes_back_to_where_it_was(tmp_path: Path) -> None:
    smooth = cv2.GaussianBlur(FRAME, (0, 0), 4)
    pictures = crop(smooth, BOX, SIDE)[None]
    lips, file, _ = made(tmp_path, Mouth(0, BOX, 1.0))
    file.write_bytes(pictures.tobytes())
    patched = Patcher(lips, file).patch(0, smooth)
    assert np.abs(patched.astype(int) - smooth).max() <= 3


def test_half_a_blend_is_half_way(tmp_path: Path) -> None:
    lips, file, pictures = made(tmp_path, Mouth(0, BOX, 0.5))
    patched = Patcher(lips, file).patch(0, FRAME).astype(int)
    whole = paste(FRAME, pictures[0], BOX).astype(int)
    assert np.abs(patched - 0.5 * (FRAME + whole)).max() <= 0.5


def test_two_faces_in_one_frame_both_speak(tmp_path: Path) -> None:
    left, right = (0.0, 20.0, 90.0, 140.0), (105.0, 20.0, 195.0, 140.0)
    lips, file, _ = made(tmp_path, Mouth(0, left, 1.0), Mouth(0, right, 1.0))
    changed = np.any(Patcher(lips, file).patch(0, FRAME) != FRAME, axis=(0, 2))
    assert changed[:90].any() and changed[105:195].any() and not changed[91:104].any()


def test_a_file_of_another_length_is_refused(tmp_path: Path) -> None:
    lips, file, _ = made(tmp_path, Mouth(0, BOX, 1.0))
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(StageError, match="does not hold 1 mouths"):
        Patcher(lips, file)


def test_no_mouths_at_all(tmp_path: Path) -> None:
    lips, file, _ = made(tmp_path)
    assert Patcher(lips, file).patch(0, FRAME) is FRAME


def test_lips_survive_json(tmp_path: Path) -> None:
    lips, _, _ = made(tmp_path, Mouth(3, BOX, 0.25))
    assert values.from_json(Lips, values.to_json(lips)) == lips
