"""The landmark-sync net: from lip codes and sound it must learn which moment is which."""

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
from training.recipes import landmark_sync_net
from training.recipes.landmark_sync import FILE, CodedTrack, corrected, estimates, fit, mean_rank
from training.recipes.landmark_sync_net import LandmarkSyncNet


def coded_track(seed: int, *, ahead: int = 0, source: str = "talk", frames: int = 80) -> CodedTrack:
    """Drawn mouths of one person as codes; the sound runs ahead by some frames."""
    faces, samples = talk(seed, frames)
    dark = (faces[..., 0] == 30).sum((1, 2)).astype(np.float32)  # how far the mouth is open
    codes = np.random.default_rng(seed).normal(0, 0.05, (frames, CODES)).astype(np.float32)
    codes[:, 0] += (dark - np.median(dark)) / 300
    pcm = (np.roll(samples, -ahead * 640) * 32767).astype(np.int16)
    track = Track(
        name=f"{source}{seed}", speaker=f"speaker{seed}", split="train",
        file=f"{source}/{seed}.mp4",
        faces=faces, mel=mel_of(pcm), folder=Path(),
    )  # fmt: skip
    return CodedTrack(track, torch.from_numpy(codes))


@pytest.fixture(scope="module")
def trained() -> LandmarkSyncNet:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    net = LandmarkSyncNet()
    fit(net, [coded_track(seed) for seed in range(8)], steps=60, seed=0)
    return net


def test_the_lips_of_unseen_people_rank_above_false_sounds(trained: LandmarkSyncNet) -> None:
    unseen = [coded_track(seed) for seed in range(20, 24)]
    wrong = [
        replace(each, track=replace(each.track, mel=other.track.mel))
        for each, other in zip(unseen, unseen[1:] + unseen[:1], strict=True)
    ]
    assert mean_rank(trained, unseen) > 0.75
    assert 0.35 < mean_rank(trained, wrong) < 0.65


def test_shifted_sounds_are_found(trained: LandmarkSyncNet) -> None:
    tracks = [coded_track(seed, ahead=2, source="late") for seed in range(30, 33)]
    tracks += [coded_track(seed, source="right") for seed in range(33, 36)]
    # what was assumed before does not matter
    assumed = [replace(each, track=replace(each.track, offset=5)) for each in tracks]
    found = estimates(trained, assumed)
    assert [each.offset for each in found] == [2, 2, 2, 0, 0, 0]
    assert all(each.kept for each in found)
    assert mean_rank(trained, corrected(tracks, found)) > mean_rank(trained, tracks) + 0.05


def test_a_net_comes_back_from_its_file(trained: LandmarkSyncNet, tmp_path: Path) -> None:
    landmark_sync_net.save(tmp_path / FILE, trained)
    again = landmark_sync_net.load(tmp_path / FILE)
    codes, mels = coded_track(1).windows([3, 9])
    torch.testing.assert_close(again.embed_lips(codes), trained.embed_lips(codes))
    torch.testing.assert_close(again.embed_audio(mels), trained.embed_audio(mels))
    assert not any(value.requires_grad for value in again.parameters())
    with pytest.raises(InputError, match="no landmark-sync net"):
        landmark_sync_net.load(tmp_path / "none.safetensors")


def test_the_command_writes_net_and_offsets(packed: Path, tmp_path: Path) -> None:
    for path in packed.iterdir():
        (tmp_path / path.name).symlink_to(path)
    assert main(["landmark-sync", str(tmp_path), "--steps", "1"]) == InputError.exit_code
    for track in every_track(packed):
        codes = np.random.default_rng(0).normal(size=(len(track), CODES)).astype(np.float32)
        np.save(tmp_path / f"{track.name}.lips.npy", codes)
    assert main(["landmark-sync", str(tmp_path), "--steps", "2"]) == 0
    assert len(json.loads((tmp_path / OFFSETS).read_text())) == 6
    landmark_sync_net.load(tmp_path / FILE)
