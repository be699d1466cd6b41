"""A recording becomes the speech track, as long as the video."""

from __future__ import annotations

from pathlib import Path

import faces_video as made
import numpy as np
import pytest
import soundfile

from f2f.config import Config, from_tree
from f2f.errors import InputError
from f2f.stages.adopt_speech import CUT, adopt_speech
from f2f.stages.match_faces import match_faces
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Plain
from f2f.types import Cast, Span, SpeechTrack

RATE = 48_000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def adopted(
    store: Store, folder: Path, seconds: float, *, still: bool = False, mode: str = "cut"
) -> tuple[Artefact, SpeechTrack, np.ndarray]:
    """The result of adopting a tone at 22.05 kHz in stereo, for a video of two seconds."""
    clock = np.arange(round(seconds * 22_050)) / 22_050
    tone = 0.3 * np.sin(2 * np.pi * 440 * clock)
    soundfile.write(folder / "talk.wav", np.stack((tone, tone), axis=1), 22_050)
    run = Plain(from_tree({"lips": {"when_longer": mode}}), store)
    result = run(adopt_speech, folder / "talk.wav", made.source(store, 50, still=still))
    track = store.read(result, SpeechTrack)
    sound, rate = soundfile.read(store.path(result, track.audio))
    assert (rate, track.sample_rate, sound.ndim) == (RATE, RATE, 1)
    return result, track, sound


@pytest.mark.parametrize(
    ("seconds", "end", "flags"), [(1.0, 1.0, ()), (2.01, 2.0, ()), (3.0, 2.0, (CUT,))]
)
def test_it_is_filled_up_or_cut_to_the_video(
    store: Store, tmp_path: Path, seconds: float, end: float, flags: tuple[str, ...]
) -> None:
    result, track, sound = adopted(store, tmp_path, seconds)
    (placement,) = track.placements
    assert placement.span == Span(0.0, pytest.approx(end, abs=1e-3))
    assert placement.flags == flags
    assert len(sound) == 2 * RATE
    heard = np.flatnonzero(np.abs(sound) > 0.01)
    assert heard[-1] / RATE == pytest.approx(end, abs=0.01)
    names = {path.name for path in store.folder(result).iterdir()}
    assert names == {"meta.json", "value.json", track.audio}


@pytest.mark.parametrize("mode", ["bounce", "loop", "hold"])
def test_the_picture_goes_on_for_as_many_whole_frames_as_the_recording_takes(
    store: Store, tmp_path: Path, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, track, sound = adopted(store, tmp_path, 3.01, mode=mode)
    assert (track.beyond, track.placements[0].flags) == (mode, ())
    assert track.placements[0].span.end == pytest.approx(3.01, abs=1e-3)
    assert len(sound) == 76 * RATE / made.FPS
    assert np.flatnonzero(np.abs(sound) > 0.01)[-1] / RATE == pytest.approx(3.01, abs=0.01)
    assert "1.0 s longer than the video: meanwhile" in caplog.text
    assert "or cut)" in caplog.text


def test_what_is_hardly_longer_adds_no_frame(store: Store, tmp_path: Path) -> None:
    _, _, sound = adopted(store, tmp_path, 2.04, mode="bounce")
    assert len(sound) == 2 * RATE


def test_a_still_picture_takes_all_of_it(store: Store, tmp_path: Path) -> None:
    _, track, sound = adopted(store, tmp_path, 3.0, still=True)
    assert len(sound) == pytest.approx(3 * RATE, abs=10)
    assert track.placements[0].flags == ()


def test_the_most_prominent_face_speaks_it(store: Store, tmp_path: Path) -> None:
    speech, _, _ = adopted(store, tmp_path, 1.0)
    run = Plain(Config(), store)
    cast = run(match_faces, Artefact("ingest", "made"), speech, made.faces(store, 50))
    (entry,) = store.read(cast, Cast).entries
    assert (entry.segment_id, entry.track_id) == (0, 0)
    assert entry.reason == "the most prominent face"


def test_no_sound_is_one_sentence(store: Store, tmp_path: Path) -> None:
    source = made.source(store, 50)
    silent = store.path(source, "source.mp4")
    with pytest.raises(InputError, match="no sound"):
        Plain(Config(), store)(adopt_speech, silent, source)
