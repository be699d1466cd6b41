"""Packed data: a name for every file, and folders of the old form."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from tests.training.conftest import talk
from training.data.packed import (
    FORM,
    ClipNote,
    TrackNote,
    clip_name,
    every_track,
    find_note,
    old_clip_name,
    write_note,
    write_track,
)

FILES = st.text(alphabet="ab_%/.2F", min_size=1, max_size=12)


@given(FILES, FILES)
@example("a/b.mp4", "a_b.mp4")
@example("a/b.mp4", "a/b.mkv")
@example("a/b.mp4", "a%2Fb.mp4")
def test_no_two_files_share_a_name(one: str, other: str) -> None:
    assert (clip_name(one) == clip_name(other)) == (one == other)
    assert "/" not in clip_name(one)


def pack(folder: Path, clip: str, file: str) -> None:
    """A clip of one track, as `preprocess` leaves it."""
    faces, samples = talk(0, 20)
    boxes = np.zeros((20, 4), np.float32)
    write_track(folder, f"{clip}.0", faces=faces, boxes=boxes, samples=samples)
    write_note(folder, clip, ClipNote(file, "ann", "train", "ok", (TrackNote((0, 20), "ok"),)))


def test_folders_of_the_old_form_are_read(tmp_path: Path) -> None:
    pack(tmp_path, old_clip_name("a/b.mp4"), "a/b.mp4")
    note = tmp_path / "a_b.json"
    fields = json.loads(note.read_text())
    del fields["form"]
    note.write_text(json.dumps(fields))
    (track,) = every_track(tmp_path)
    assert (track.name, track.file, track.source) == ("a_b.0", "a/b.mp4", "a")
    found = find_note(tmp_path, "a/b.mp4")
    assert found is not None and found.form == 1 < FORM
    # what the old name stood for as well is not taken for done
    assert find_note(tmp_path, "a_b.mp4") is None and find_note(tmp_path, "a/b.mkv") is None


def test_sources_are_whole_folders(tmp_path: Path) -> None:
    for file in ("one/talk/x.mp4", "two/talk/x.mp4"):
        pack(tmp_path, clip_name(file), file)
    assert [track.source for track in every_track(tmp_path)] == ["one/talk", "two/talk"]
