"""A bank of the speakers' own mouths, and lips that are made of it."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import faces_video as made
import numpy as np
import pytest

from f2f import media
from f2f.config import Config, from_tree
from f2f.delivery import report
from f2f.delivery.files import Result
from f2f.lips import gathering
from f2f.lips.mouth_bank import MouthBank, OwnPictures
from f2f.lips.mouths import MOUTHS, Lips, Patcher
from f2f.stages.gather_mouths import gather_mouths
from f2f.stages.sync_lips import sync_lips
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Plain
from f2f.types import (
    Cast,
    CastEntry,
    FaceTrack,
    FaceTracks,
    Placement,
    Segment,
    Span,
    SpeechTrack,
    Transcript,
    VideoInfo,
)
from lipsync.own_mouth.descriptors import MOUTH_NUMBERS
from tests.lipsync.own_mouth.faces import hand, speaking

FRAMES = 200
CUT = 120
SIZE = (160, 128)
BOX = (30.0, 16.0, 126.0, 106.0)
"""With the chin below it, the 96 by 96 pixels that the drawn face fills."""
OVER = range(60, 85)
"""Frames in which a hand is before the mouth."""
SEEN = Cast((CastEntry(0, 0, "test"), CastEntry(1, 1, "test")))


def write_video(path: Path, *, covered: bool) -> None:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=made.FPS, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(FRAMES):
            shown = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
            face = speaking(number)
            shown[16:112, 30:126] = hand(face, number) if covered and number in OVER else face
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="bgr24")))
        container.mux(stream.encode())


def inputs(store: Store, *, covered: bool = False, speakers: str = "AA") -> tuple[Artefact, ...]:
    """source, cast, faces, heard: one person before and after a cut, unless told otherwise."""
    info = VideoInfo(
        "source.mp4", "", made.FPS, SIZE, FRAMES, 8.0, 0, False, False, False, "yuv420p"
    )
    source = made.artefact(
        store, "ingest", info, lambda folder: write_video(folder / "source.mp4", covered=covered)
    )
    tracks = tuple(
        FaceTrack(number, first, (BOX,) * count, (0.9,) * count)
        for number, first, count in ((0, 0, CUT), (1, CUT, FRAMES - CUT))
    )
    faces = made.artefact(store, "track_faces", FaceTracks(tracks, (0, CUT)))
    spans = (Span(0.0, 4.6), Span(4.9, 8.0))
    segments = (
        Segment(number, spans[number], name, "text") for number, name in enumerate(speakers)
    )
    heard = made.artefact(store, "transcribe", Transcript("en", tuple(segments)))
    return source, made.cast(store, SEEN), faces, heard


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return from_tree({"lips": {"weights": str(made.weights(tmp_path)), "batch": 4}})


def gathered(
    tmp_path: Path, config: Config, **how: Any
) -> tuple[Store, tuple[Artefact, ...], Artefact, MouthBank]:
    store = Store(tmp_path / "store")
    given = inputs(store, **how)
    bank = Plain(config, store)(gather_mouths, *given)
    return store, given, bank, store.read(bank, MouthBank)


def test_one_person_on_both_sides_of_a_cut_has_one_bank(tmp_path: Path, config: Config) -> None:
    store, _, bank, found = gathered(tmp_path, config)
    (person,) = found.people
    assert person.tracks == (0, 1) and found.covered == ()
    assert min(person.frames) < CUT < max(person.frames)
    assert list(person.frames) == sorted(set(person.frames)) and len(person.frames) > 30
    pictures = OwnPictures(person, lambda name: store.path(bank, name))
    info = store.read(Artefact("ingest", "made"), VideoInfo)
    shown = list(media.frames(store.path(Artefact("ingest", "made"), info.path), info))
    for number in (0, len(person.frames) // 2, len(person.frames) - 1):
        face = shown[person.frames[number]][16:112, 30:126]
        assert np.abs(pictures.face(number, 96).astype(int) - face).mean() < 3
    looks = pictures.looks(mouth=MOUTH_NUMBERS)
    assert np.allclose(np.linalg.norm(looks.mouths, axis=1), 1, atol=1e-4)
    assert {path.name for path in store.folder(bank).iterdir()} == {
        *("meta.json", "value.json", person.pictures, person.looks)
    }


def test_two_speakers_have_two_banks(tmp_path: Path, config: Config) -> None:
    people = gathered(tmp_path, config, speakers="AB")[3].people
    assert [person.tracks for person in people] == [(0,), (1,)]


def test_the_bank_is_bounded(
    tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST", 20)
    store, _, bank, found = gathered(tmp_path, config)
    (person,) = found.people
    assert 5 <= len(person.frames) <= 20
    size = math.prod((person.height, person.width, 3))
    assert store.path(bank, person.pictures).stat().st_size == len(person.frames) * size


def test_a_hand_is_found_and_its_pictures_are_not_taken(tmp_path: Path, config: Config) -> None:
    found = gathered(tmp_path, config, covered=True)[3]
    (run,) = found.covered
    assert run.track == 0
    assert abs(run.first - OVER.start) <= 4 and abs(run.last - OVER[-1]) <= 4
    assert not set(found.people[0].frames) & set(range(run.first, run.last + 1))


def test_it_depends_on_nothing_of_the_language_or_the_generator(config: Config) -> None:
    other = from_tree(
        {"languages": {"target": "ta"}, "lips": {"weights": "/nowhere", "detail": "generator"}}
    )
    assert gather_mouths.settings(config) == gather_mouths.settings(other)


def test_nothing_is_gathered_where_lips_are_left_alone(tmp_path: Path) -> None:
    config = from_tree({"lips": {"enabled": False}})
    assert gathered(tmp_path, config)[3] == MouthBank(())


def synced(tmp_path: Path, config: Config, **how: Any) -> tuple[Store, Lips, Patcher]:
    store, (source, cast, faces, _), bank, found = gathered(tmp_path, config, **how)
    track = SpeechTrack(
        (Placement(0, Span(0.4, 4.6), 1.0), Placement(1, Span(5.0, 7.6), 1.0)), "a.wav", made.RATE
    )
    speech = made.speech(store, track, FRAMES / 25)
    result = Plain(config, store)(sync_lips, source, speech, cast, faces, bank)
    lips = store.read(result, Lips)
    people = [OwnPictures(one, lambda name: store.path(bank, name)) for one in found.people]
    return store, lips, Patcher(lips, store.path(result, MOUTHS), people)


def with_detail(config: Config, detail: str) -> Config:
    return config.model_copy(update={"lips": config.lips.model_copy(update={"detail": detail})})


def test_lips_of_own_pixels_change_nothing_outside_the_mask(tmp_path: Path, config: Config) -> None:
    store, lips, patcher = synced(tmp_path, with_detail(config, "own"))
    assert {mouth.own for mouth in lips.mouths} == {1.0}
    assert {mouth.person for mouth in lips.mouths} == {0}
    info = store.read(Artefact("ingest", "made"), VideoInfo)
    for number, frame in enumerate(
        media.frames(store.path(Artefact("ingest", "made"), "source.mp4"), info)
    ):
        patched = patcher.patch(number, frame)
        if not patcher.changes(number):
            assert patched is frame
            continue
        changed = np.any(patched != frame, axis=2)
        assert changed.any()
        assert not changed[: 16 + 49].any() and not changed[112:].any()
        assert not changed[:, :30].any() and not changed[:, 126:].any()


def test_no_mouth_is_shown_by_a_frame_of_its_own_time(tmp_path: Path, config: Config) -> None:
    store, lips, _ = synced(tmp_path, with_detail(config, "own"))
    (person,) = store.read(Artefact(gather_mouths.name, _key(store)), MouthBank).people
    for mouth in lips.mouths:
        for picture, _ in mouth.pictures[:1]:
            assert abs(person.frames[picture] - mouth.frame) > 8


def _key(store: Store) -> str:
    (one,) = [item.key for item in store.artefacts() if item.stage == gather_mouths.name]
    return one


def test_covered_frames_are_left_and_counted(
    tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """Fault 22: a hand before the mouth melted under the new one, and nothing was told."""
    _, lips, patcher = synced(tmp_path, config, covered=True)
    assert not any(patcher.changes(number) for number in OVER)
    assert len(OVER) <= lips.covered <= len(OVER) + 8
    assert f"before the mouth in {lips.covered} frames: they stay" in caplog.text
    near = {mouth.frame: mouth.blend for mouth in lips.mouths}
    last = max(frame for frame in near if frame < OVER.start)
    assert near[last] < near[last - 2] <= 1.0  # it fades, it does not jump
    facts = report._lips(lips, Result("v", (), "s", FRAMES, Fraction(25), "h264", "off", len(near)))
    assert facts.covered_frames == lips.covered
    assert facts.own_frames + facts.mixed_frames + facts.generated_frames == len(near)


def test_the_generator_s_own_pixels_when_asked_for(tmp_path: Path, config: Config) -> None:
    _, lips, _ = synced(tmp_path, with_detail(config, "generator"))
    assert {mouth.own for mouth in lips.mouths} == {0.0}
    assert all(mouth.pictures == () for mouth in lips.mouths)


def test_a_photograph_has_one_picture_and_keeps_the_generator_s_pixels(
    tmp_path: Path, config: Config
) -> None:
    store = Store(tmp_path / "store")
    info = VideoInfo("source.mp4", "", made.FPS, SIZE, 1, 0.04, 0, False, False, True, "yuv420p")
    source = made.artefact(
        store, "ingest", info, lambda folder: write_video(folder / "source.mp4", covered=False)
    )
    faces = made.artefact(
        store, "track_faces", FaceTracks((FaceTrack(0, 0, (BOX,), (0.9,)),), (0,))
    )
    cast = made.cast(store, Cast((CastEntry(0, 0, "test"),)))
    track = SpeechTrack((Placement(0, Span(0.0, 2.0), 1.0),), "a.wav", made.RATE)
    speech = made.speech(store, track, 2.0)
    run = Plain(with_detail(config, "auto"), store)
    bank = run(gather_mouths, source, cast, faces, _heard(store))
    assert len(store.read(bank, MouthBank).people[0].frames) == 1
    lips = store.read(run(sync_lips, source, speech, cast, faces, bank), Lips)
    assert len(lips.mouths) >= 45 and {mouth.own for mouth in lips.mouths} == {0.0}


def test_a_face_half_out_of_the_picture_gives_no_pictures(tmp_path: Path, config: Config) -> None:
    """Its lips are made all the same."""
    store = Store(tmp_path / "store")
    source, _, _, heard = inputs(store)
    box = (-40.0, 50.0, 60.0, 150.0)
    tracks = (FaceTrack(0, 0, (box,) * FRAMES, (0.9,) * FRAMES),)
    faces = made.artefact(Store(tmp_path / "store"), "faces_out", FaceTracks(tracks, (0,)))
    cast = made.artefact(store, "cast_out", Cast((CastEntry(0, 0, "test"),)))
    run = Plain(with_detail(config, "own"), store)
    bank = run(gather_mouths, source, cast, faces, heard)
    assert store.read(bank, MouthBank).people[0].frames == ()
    track = SpeechTrack((Placement(0, Span(0.4, 2.0), 1.0),), "a.wav", made.RATE)
    speech = made.speech(store, track, FRAMES / 25)
    lips = store.read(run(sync_lips, source, speech, cast, faces, bank), Lips)
    assert lips.mouths and {mouth.own for mouth in lips.mouths} == {0.0}


def _heard(store: Store) -> Artefact:
    return made.artefact(
        store, "transcribe", Transcript("en", (Segment(0, Span(0.0, 2.0), "A", "text"),))
    )
