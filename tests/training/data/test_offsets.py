"""Offsets: what was shifted must be found, what fits nowhere dropped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lipsync import checkpoint
from lipsync.checkpoint import Info
from lipsync.expert import Expert
from training.__main__ import main
from training.data import offsets
from training.data.offsets import Estimate, best_shift, distance_curve, estimate_offsets
from training.data.packed import OFFSETS, Track, every_track, tracks


def pair(frames: int, ahead: int, *, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Embeddings of pictures, and of a sound that runs ahead by some frames."""
    moments = torch.randn(frames + 40, 16, generator=torch.Generator().manual_seed(seed)) + 5
    return moments[20 : 20 + frames], moments[20 + ahead : 20 + ahead + frames]


@pytest.fixture
def track(packed: Path) -> Track:
    return next(every_track(packed))


@pytest.mark.parametrize("frames", [18, 60])
@pytest.mark.parametrize("ahead", [-7, 0, 3])
def test_a_curve_is_lowest_at_the_shift(frames: int, ahead: int) -> None:
    found = distance_curve(*pair(frames, ahead))
    assert found is not None
    # picture i shows the moment that is heard at i − ahead
    assert best_shift(found)[0] == ahead
    assert best_shift(found)[1] > 0.2


def test_too_short_a_track_has_no_curve() -> None:
    assert distance_curve(*pair(2 * offsets.MAX_SHIFT, 0)) is None


def test_short_tracks_take_what_their_source_tells(track: Track) -> None:
    frames = np.zeros((60, 1, 1, 3), np.uint8)
    long = [replace(track, name=f"long{n}", file="a/x.mp4", faces=frames) for n in range(3)]
    short = replace(track, name="short", file="a/x.mp4", faces=frames[:30])
    lost = replace(track, name="lost", file="a/x.mp4", faces=frames)
    other = replace(track, name="other", file="b/x.mp4", faces=frames[:20])
    curves = [distance_curve(*pair(60, 2, seed=seed)) for seed in range(3)]
    curves += [
        distance_curve(*pair(30, -4)),
        distance_curve(torch.randn(60, 16), torch.randn(60, 16)),
        None,
    ]
    found = {
        each.name: each for each in estimate_offsets([*long, short, lost, other], curves, least=0.2)
    }  # the fifth's sound is somebody else's
    assert {each.offset for name, each in found.items() if name.startswith("long")} == {2}
    assert found["short"].offset == 2 and found["short"].kept
    assert not found["lost"].kept
    assert found["other"].offset == 0 and found["other"].kept


def test_a_track_far_from_its_source_is_dropped(track: Track) -> None:
    frames = np.zeros((60, 1, 1, 3), np.uint8)
    group = [replace(track, name=f"{n}", faces=frames) for n in range(4)]
    ahead = [1, 1, 1, 1 + offsets.MAX_DEVIATION + 1]
    curves = [distance_curve(*pair(60, shift, seed=seed)) for seed, shift in enumerate(ahead)]
    assert [each.kept for each in estimate_offsets(group, curves, least=0.1)] == [
        True,
        True,
        True,
        False,
    ]


def test_readers_correct_by_what_was_written(packed: Path, tmp_path: Path) -> None:
    for path in packed.iterdir():
        (tmp_path / path.name).symlink_to(path)
    names = [track.name for track in every_track(packed)]
    found = [Estimate(name, 2, 0.3, kept=name != names[0]) for name in names]
    offsets.write(tmp_path, found)
    read = tracks(tmp_path, "train")
    assert names[0] not in {track.name for track in read}
    assert {track.offset for track in read} == {2}
    assert all(track.offset == 0 for track in every_track(tmp_path))
    assert f"dropped {names[0]}" in offsets.table(found)
    assert f"offset +2 frames: {len(names) - 1} tracks" in offsets.table(found)


def test_the_command_estimates_every_track(packed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "packed"
    folder.mkdir()
    for path in packed.iterdir():
        (folder / path.name).symlink_to(path)
    torch.manual_seed(0)
    expert = tmp_path / "expert.safetensors"
    checkpoint.save(expert, Expert(frames=5, width=0.1).eval(), Info())
    assert main(["offsets", str(folder), "--expert", str(expert)]) == 0
    written = json.loads((folder / OFFSETS).read_text())
    assert set(written) == {track.name for track in every_track(packed)}
    # 40 frames each: one source, and none is long enough to differ from it
    assert len(set(written.values())) == 1
