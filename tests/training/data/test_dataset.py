"""Windows: the right frames beside the right sound, the same whoever draws them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from lipsync.audio import mel_windows
from training.data.augment import PLAIN_VIEW, augment_mels, mouth_mask, render_faces, sample_view
from training.data.dataset import WindowSource, load
from training.data.excerpts import sound_windows
from training.data.packed import FPS, tracks
from training.data.sampling import Speakers, sample_apart
from training.data.windows import FaceWindows, SyncWindows
from training.parallel import World
from training.settings import Augment


def test_a_tracks_offset_moves_its_sound(packed: Path) -> None:
    track = tracks(packed, "train")[0]
    ahead = replace(track, offset=2)  # its sound runs two frames ahead
    mel = torch.from_numpy(track.mel)
    torch.testing.assert_close(sound_windows(ahead, [7]), mel_windows(mel, [5], FPS))


def test_face_windows_show_the_target_without_its_lips(packed: Path) -> None:
    windows = FaceWindows(WindowSource(tracks(packed, "train")), frames=3, size=96)
    item = windows[5]
    assert item["faces"].shape == (3, 6, 96, 96) and item["target"].shape == (3, 3, 96, 96)
    assert item["mels"].shape == (3, 1, 80, 16) and item["sync_mel"].shape == (1, 80, 16)
    torch.testing.assert_close(item["faces"][:, :3, :48], item["target"][:, :, :48])
    assert float(item["faces"][:, :3, 48:].abs().max()) == 0.0
    assert not torch.equal(item["faces"][:, 3:, 48:], item["target"][:, :, 48:])
    torch.testing.assert_close(item["sync_mel"], item["mels"][0])  # offset 0: one convention


def test_sync_windows_pair_frames_with_their_own_sound(packed: Path) -> None:
    found = tracks(packed, "train")
    windows = SyncWindows(WindowSource(found), frames=5, count=4)
    item = windows.cut(found[0], np.random.default_rng(0))
    wanted = sound_windows(found[0], item["frames"].tolist())
    torch.testing.assert_close(item["mels"], wanted)
    at = int(item["frames"][2])
    seen = render_faces(found[0].faces[at : at + 5], PLAIN_VIEW, 96)[:, :, 48:]
    torch.testing.assert_close(item["mouths"][2], torch.from_numpy(seen).reshape(15, 48, 96))


def test_sample_n_does_not_depend_on_who_draws_it(packed: Path) -> None:
    source = WindowSource(tracks(packed, "train"), augment=Augment(), seed=3)
    windows = FaceWindows(source, frames=1, size=96)

    def drawn(first: int, rank: int, world: int, count: int) -> list[torch.Tensor]:
        batches = load(windows, batch=1, first=first, world=World(rank, world))
        return [batch["target"] for batch in islice(batches, count)]

    alone = drawn(0, 0, 1, 6)
    late = drawn(4, 0, 1, 2)
    assert torch.equal(alone[4], late[0]) and torch.equal(alone[5], late[1])
    second = drawn(0, 1, 2, 3)
    assert all(torch.equal(a, b) for a, b in zip(alone[1::2], second, strict=True))


def test_speakers_not_minutes(packed: Path) -> None:
    one, other = tracks(packed, "train")[0], tracks(packed, "train")[-1]
    assert one.speaker != other.speaker
    rng = np.random.default_rng(0)
    even = Speakers([one] * 9 + [other], 0.0)
    share = np.mean([even.draw(rng).speaker == other.speaker for _ in range(400)])
    assert 0.4 < share < 0.6
    long = Speakers([one] * 9 + [other], 1.0)
    share = np.mean([long.draw(rng).speaker == other.speaker for _ in range(400)])
    assert share < 0.2


def test_seeing_plainly_is_the_middle_of_the_picture() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (1, 112, 112, 3), np.uint8)
    seen = render_faces(picture, PLAIN_VIEW, 96)
    np.testing.assert_allclose(seen[0], picture[0, 8:104, 8:104].transpose(2, 0, 1) / 255)
    half = render_faces(picture, PLAIN_VIEW, 96, lower_half=True)
    np.testing.assert_allclose(half, seen[:, :, 48:])
    mirrored = render_faces(picture, replace(PLAIN_VIEW, flip=True), 96)
    np.testing.assert_allclose(mirrored, seen[..., ::-1])


def test_random_looks_stay_inside_and_sounds_in_range() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        view = sample_view(Augment(), rng)
        assert view.top >= 0 and view.left >= 0
        assert max(view.top, view.left) + view.side <= 112 + 1e-9
        mels = rng.uniform(-4, 4, (2, 80, 16)).astype(np.float32)
        mels[:, :, :2] = -4.0
        heard = augment_mels(mels, Augment(), rng)
        assert heard.shape == mels.shape and np.abs(heard).max() <= 4
        assert (heard[:, :, :2] == -4.0).all()  # silence stays silence


def test_elsewhere_keeps_away_where_there_is_room() -> None:
    rng = np.random.default_rng(0)
    assert all(abs(sample_apart(10, 30, 5, rng) - 10) >= 5 for _ in range(50))
    assert sample_apart(0, 1, 5, rng) == 1
    assert sample_apart(0, 0, 5, rng) == 0


def test_a_face_is_seen_where_anothers_head_is() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (1, 112, 112, 3), np.uint8)
    moved = np.roll(picture, (3, 5), (1, 2))  # down 3, right 5
    motion = np.float32([[1, 0, 5], [0, 1, 3]])
    seen = render_faces(moved, PLAIN_VIEW, 96, motions=[motion])
    np.testing.assert_allclose(seen, render_faces(picture, PLAIN_VIEW, 96))


def test_a_mouths_mask_follows_box_and_mirror() -> None:
    lips = np.random.default_rng(0).uniform((60, 70), (80, 84), (40, 2)).astype(np.float32)
    mask = mouth_mask(lips, PLAIN_VIEW, 96)
    rows, columns = np.nonzero(mask[0])
    assert abs(columns.mean() + 0.5 - (70 - 8)) < 1 and abs(rows.mean() + 0.5 - (77 - 8)) < 1
    assert np.ptp(columns) > 20
    mirrored = mouth_mask(lips, replace(PLAIN_VIEW, flip=True, left=0.0, side=112.0, top=0.0), 112)
    straight = mouth_mask(lips, replace(PLAIN_VIEW, left=0.0, side=112.0, top=0.0), 112)
    np.testing.assert_allclose(mirrored, straight[..., ::-1])
