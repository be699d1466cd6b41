"""Tracks are found and speakers cast through the stages."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import faces_video as made
import pytest

from f2f.config import Config, from_tree
from f2f.roles import BackendInfo, Closing, Face, Frame
from f2f.stages.match_faces import match_faces
from f2f.stages.track_faces import track_faces
from f2f.store.artefacts import Store
from f2f.store.stage import Plain
from f2f.types import Cast, FaceTracks, Segment, Span, Transcript

FRAMES = 50


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def cast(store: Store, *speakers: str) -> Cast:
    """Each speaks for a second, one after the other."""
    segments = tuple(
        Segment(number, Span(number, number + 0.9), name, "text")
        for number, name in enumerate(speakers)
    )
    config = from_tree({"timing": {"max_shift": 0.0}})
    result = Plain(config, store)(
        match_faces,
        made.source(store, FRAMES),
        made.artefact(store, "transcribe", Transcript("en", segments)),
        made.faces(store, FRAMES),
    )
    return store.read(result, Cast)


def test_one_speaker_and_one_face(store: Store) -> None:
    assert [(one.segment_id, one.track_id) for one in cast(store, "A", "A").entries] == [
        (0, 0),
        (1, 0),
    ]


def test_two_speakers_and_a_face_that_never_moves(store: Store) -> None:
    """The pictures are looked at, and neither voice is given the still face."""
    assert cast(store, "A", "B").entries == ()


class Fixed(Closing):
    """Sees the same face in every frame."""

    info: ClassVar[BackendInfo] = BackendInfo("fixed", "detection", "MIT", commercial=True)

    def __init__(self, config: Config) -> None:
        self.config = config

    @classmethod
    def identity(cls, config: Config) -> str:
        return "1"

    def detect(self, frame: Frame) -> list[Face]:
        assert frame.shape == (made.SIZE[1], made.SIZE[0], 3)
        return [Face(made.BOX, 0.9, ())]


def test_tracks_cover_the_video_and_progress_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []
    monkeypatch.setattr("f2f.stages.track_faces.resolve", lambda role, name: Fixed)
    run = Plain(Config(), store, lambda stage, done, total: told.append(done / total))
    found = store.read(run(track_faces, made.source(store, FRAMES)), FaceTracks)
    assert found.cuts == (0,)
    assert [track.frames for track in found.tracks] == [range(FRAMES)]
    assert found.tracks[0].boxes[25] == pytest.approx(made.BOX)
    assert told == sorted(told) and told[-1] == 1.0
