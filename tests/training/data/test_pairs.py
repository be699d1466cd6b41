"""Published lists, and the rule that sound is no longer than the video."""

from pathlib import Path

import numpy as np
import pytest

from f2f.errors import InputError
from training.data.packed import Track
from training.data.pairs import Pair, dubbed, listed_tracks, read_list, sample_pairs


def test_lrs_lists_name_the_sound_first_and_leave_out_the_suffix(tmp_path):
    path = tmp_path / "lrs2.txt"
    path.write_text("a/00011 b/00018\n\nc/1 d/2\n")
    assert read_list(path, "lrs") == [
        Pair(video="b/00018.mp4", sound="a/00011.mp4"),
        Pair(video="d/2.mp4", sound="c/1.mp4"),
    ]


def test_resynced_lists_name_the_video_first(tmp_path):
    path = tmp_path / "random_pairs.txt"
    path.write_text("films/1.mp4 speech/2.wav\n")
    assert read_list(path, "resynced") == [Pair(video="films/1.mp4", sound="speech/2.wav")]


def test_dubbed_films_speak_their_own_sound(tmp_path):
    for name in ("b.mp4", "a.mkv", "notes.txt"):
        (tmp_path / name).touch()
    assert dubbed(tmp_path) == [Pair("a.mkv", "a.mkv"), Pair("b.mp4", "b.mp4")]


@pytest.mark.parametrize("text", ["", "one\n", "one two three\n"])
def test_a_list_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "list.txt"
    path.write_text(text)
    with pytest.raises(InputError):
        read_list(path, "lrs")


def test_sampled_sound_is_never_longer_and_never_ones_own():
    lengths = [30, 25, 100, 40, 25]
    pairs = sample_pairs(lengths, 12, np.random.default_rng(0))
    assert len(pairs) == 12
    assert all(v != s and lengths[s] <= lengths[v] for v, s in pairs)
    assert {v for v, _ in pairs[:5]} == set(range(5))
    assert pairs == sample_pairs(lengths, 12, np.random.default_rng(0))
    with pytest.raises(InputError):
        sample_pairs([10], 3, np.random.default_rng(0))


def test_listed_files_are_found_by_name_and_else_without_suffix():
    def track(file, frames):
        return Track(
            name=file, speaker="ann", split="val", file=file, folder=Path(),
            faces=np.zeros((frames, 1, 1, 3), np.uint8), mel=np.zeros((80, 1), np.float32),
        )  # fmt: skip

    packed = [track("a/1.mkv", 9), track("a/1.mp4", 7), track("a_1.mp4", 5)]
    listed = [Pair("a/1.mp4", "a_1.mp4"), Pair("a/1.avi", "a/1.mp4"), Pair("a_1", "a_1.mp4")]
    found = listed_tracks(listed, packed)
    assert [(video.file, sound.file) for video, sound in found] == [
        ("a/1.mp4", "a_1.mp4"),
        ("a/1.mkv", "a/1.mp4"),
        ("a_1.mp4", "a_1.mp4"),
    ]
    with pytest.raises(InputError, match=r"1 listed clips are not packed.*b/1"):
        listed_tracks([Pair("b/1.mp4", "a_1.mp4")], packed)
