"""The teacher: from lip codes and sound it must learn which moment is which."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from f2f.errors import InputError
from tests.training.conftest import talk
from training.__main__ import main
from training.data.lip_codes import CODES
from training.data.packed import OFFSETS, Track, every_track, mel_of
from training.recipes import landmark_sync
from training.recipes.landmark_sync import Spoken, Teacher, estimates, fit, rank


def spoken(seed: int, *, ahead: int = 0, source: str = "talk", frames: int = 80) -> Spoken:
    """Drawn mouths of one person as codes; the sound runs ahead by some frames."""
    faces, samples = talk(seed, frames)
    dark = (faces[..., 0] == 30).sum((1, 2)).astype(np.float32)  # how far the mouth is open
    codes = np.random.default_rng(seed).normal(0, 0.05, (frames, CODES)).astype(np.float32)
    codes[:, 0] += (dark - np.median(dark)) / 300
    pcm = (np.roll(samples, -ahead * 640) * 32767).astype(np.int16)
    track = Track(
        name=f"{source}{seed}", speaker=f"speaker{seed}", split="train", source=source,
        faces=faces, mel=mel_of(pcm), folder=Path(),
    )  # fmt: skip
    return Spoken(track, torch.from_numpy(codes))


@pytest.fixture(scope="module")
def taught() -> Teacher:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    teacher = Teacher()
    fit(teacher, [spoken(seed) for seed in range(8)], steps=60, seed=0)
    return teacher


def test_people_not_seen_are_told_from_false_sounds(taught: Teacher) -> None:
    unseen = [spoken(seed) for seed in range(20, 24)]
    wrong = [
        replace(each, track=replace(each.track, mel=other.track.mel))
        for each, other in zip(unseen, unseen[1:] + unseen[:1], strict=True)
    ]
    assert rank(taught, unseen) > 0.75
    assert 0.35 < rank(taught, wrong) < 0.65


def test_shifted_sounds_are_found(taught: Teacher) -> None:
    tracks = [spoken(seed, ahead=2, source="late") for seed in range(30, 33)]
    tracks += [spoken(seed, source="right") for seed in range(33, 36)]
    # what was believed before does not matter
    believed = [replace(each, track=replace(each.track, offset=5)) for each in tracks]
    found = estimates(taught, believed)
    assert [each.offset for each in found] == [2, 2, 2, 0, 0, 0]
    assert all(each.kept for each in found)
    corrected = landmark_sync.shifted(tracks, found)
    assert rank(taught, corrected) > rank(taught, tracks) + 0.05


def test_a_teacher_comes_back_from_its_file(taught: Teacher, tmp_path: Path) -> None:
    landmark_sync.save(tmp_path / "teacher.safetensors", taught)
    again = landmark_sync.load(tmp_path / "teacher.safetensors")
    codes, mels = spoken(1).windows([3, 9])
    torch.testing.assert_close(again.see(codes), taught.see(codes))
    torch.testing.assert_close(again.hear(mels), taught.hear(mels))
    assert not any(value.requires_grad for value in again.parameters())
    with pytest.raises(InputError, match="no teacher"):
        landmark_sync.load(tmp_path / "none.safetensors")


def test_the_command_writes_teacher_and_offsets(packed: Path, tmp_path: Path) -> None:
    for path in packed.iterdir():
        (tmp_path / path.name).symlink_to(path)
    assert main(["teacher", str(tmp_path), "--steps", "1"]) == InputError.exit_code
    for track in every_track(packed):
        codes = np.random.default_rng(0).normal(size=(len(track), CODES)).astype(np.float32)
        np.save(tmp_path / f"{track.name}.lips.npy", codes)
    assert main(["teacher", str(tmp_path), "--steps", "2"]) == 0
    assert len(json.loads((tmp_path / OFFSETS).read_text())) == 6
    landmark_sync.load(tmp_path / "teacher.safetensors")
