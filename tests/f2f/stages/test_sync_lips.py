"""New mouths where someone is heard and seen, and nowhere else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import faces_video as made
import numpy as np
import pytest
import soundfile
import torch
from scipy.signal import resample_poly

from f2f import media
from f2f.config import Config, from_tree
from f2f.errors import StageError
from f2f.lips import kept_mouths
from f2f.lips.mouths import MOUTHS, Lips, Patcher
from f2f.roles import Frame
from f2f.stages.sync_lips import sync_lips
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Plain
from f2f.types import (
    Cast,
    CastEntry,
    Placement,
    Segment,
    Span,
    SpeechTrack,
    Transcript,
    VideoInfo,
)
from lipsync.audio import mel_spectrogram, mel_windows
from lipsync.checkpoint import load_generator
from lipsync.crops import crop
from lipsync.engine import Engine, FaceItem

FRAMES = 60
TRACK = SpeechTrack(
    (Placement(0, Span(0.8, 1.2), 1.0), Placement(1, Span(1.9, 2.2), 1.0)), "speech.wav", made.RATE
)
SEEN = Cast((CastEntry(0, 0, "test"),))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return from_tree({"lips": {"weights": str(made.weights(tmp_path)), "batch": 4}})


def synced(store: Store, config: Config, cast: Cast = SEEN) -> tuple[Artefact, Lips]:
    source = made.source(store, FRAMES)
    speech = made.speech(store, TRACK, FRAMES / 25)
    result = Plain(config, store)(
        sync_lips, source, speech, made.cast(store, cast), made.faces(store, FRAMES)
    )
    return result, store.read(result, Lips)


def test_mouths_only_where_the_cast_face_is_heard(store: Store, config: Config) -> None:
    result, lips = synced(store, config)
    frames = {mouth.frame for mouth in lips.mouths}
    assert set(range(20, 30)) <= frames  # segment 0; segment 1 has no face
    assert frames <= set(range(15, 35))
    assert store.path(result, MOUTHS).stat().st_size == len(lips.mouths) * lips.size**2 * 3
    assert "wav2lip-random.safetensors, named by you; nothing; any" in lips.weights
    assert lips.mean_difference <= 2.0
    assert {path.name for path in store.folder(result).iterdir()} == {
        "meta.json",
        "value.json",
        MOUTHS,
        kept_mouths.FILE,
    }


def test_the_mouths_are_the_generators_own(store: Store, config: Config) -> None:
    """Frame by frame through the eager model, with windows from the whole sound."""
    config = config.model_copy(update={"lips": config.lips.model_copy(update={"path": "eager"})})
    result, lips = synced(store, config)
    source, speech = Artefact("ingest", "made"), Artefact("align", "made")
    info = store.read(source, VideoInfo)
    shown = list(media.frames(store.path(source, info.path), info))
    sound, _ = soundfile.read(store.path(speech, TRACK.audio), dtype="float32")
    mel = mel_spectrogram(torch.from_numpy(resample_poly(sound, 1, 3).astype(np.float32)))
    numbers = [mouth.frame for mouth in lips.mouths]
    items = [
        FaceItem(crop(shown[mouth.frame], mouth.box, lips.size), window)
        for mouth, window in zip(lips.mouths, mel_windows(mel, numbers, made.FPS), strict=True)
    ]
    model = load_generator(Path(config.lips.weights)).model
    expected = np.stack(list(Engine(model, path="eager", batch=4).mouths(items)))
    pictures = np.fromfile(store.path(result, MOUTHS), np.uint8).reshape(expected.shape)
    assert np.abs(pictures.astype(int) - expected).max() <= 2


def test_all_other_frames_pass_untouched(store: Store, config: Config) -> None:
    result, lips = synced(store, config)
    patcher = Patcher(lips, store.path(result, MOUTHS))
    info = store.read(Artefact("ingest", "made"), VideoInfo)
    changed = []
    shown = media.frames(store.path(Artefact("ingest", "made"), info.path), info)
    for number, frame in enumerate(shown):
        patched = patcher.patch(number, frame)
        if patcher.changes(number):
            changed.append(number)
            assert np.array_equal(patched[: 65 - 2], frame[: 65 - 2])
        else:
            assert patched is frame
    assert changed == [mouth.frame for mouth in lips.mouths]


def spoken_on(store: Store, config: Config) -> tuple[Artefact, Lips]:
    """The source speaks from 0.8 s to 2 s; its dub ends at 1.2 s."""
    source = made.source(store, FRAMES)
    heard = made.artefact(
        store, "transcribe", Transcript("en", (Segment(0, Span(0.8, 2.0), "A", "text"),))
    )
    inputs = (source, made.speech(store, TRACK, FRAMES / 25), made.cast(store, SEEN))
    result = Plain(config, store)(sync_lips, *inputs, made.faces(store, FRAMES), heard, heard)
    return result, store.read(result, Lips)


def test_lips_are_closed_from_silence_where_the_source_speaks_on(
    store: Store, config: Config
) -> None:
    """In the voice of somebody else (segment 1, from 1.9 s) they stay closed."""
    config = config.model_copy(update={"lips": config.lips.model_copy(update={"path": "eager"})})
    result, lips = spoken_on(store, config)
    closed = [number for number, mouth in enumerate(lips.mouths) if not mouth.speaks]
    assert {lips.mouths[number].frame for number in closed} >= set(range(35, 50))
    info = store.read(Artefact("ingest", "made"), VideoInfo)
    shown = list(media.frames(store.path(Artefact("ingest", "made"), info.path), info))
    model = load_generator(Path(config.lips.weights)).model
    silence = torch.full((1, *model.form.shape()), model.form.silence)
    items = [
        FaceItem(crop(shown[lips.mouths[n].frame], lips.mouths[n].box, lips.size), silence)
        for n in closed
    ]
    expected = np.stack(list(Engine(model, path="eager", batch=4).mouths(items)))
    pictures = np.fromfile(store.path(result, MOUTHS), np.uint8)
    pictures = pictures.reshape(len(lips.mouths), *expected.shape[1:])
    assert np.abs(pictures[closed].astype(int) - expected).max() <= 2


def test_closing_can_be_turned_off(store: Store, config: Config) -> None:
    left = config.model_copy(update={"lips": config.lips.model_copy(update={"close": False})})
    assert all(mouth.speaks for mouth in spoken_on(store, left)[1].mouths)


def test_nobody_seen_speaking_makes_no_mouths(store: Store, config: Config) -> None:
    result, lips = synced(store, config, Cast(()))
    assert lips.mouths == () and "nobody" in lips.path
    assert store.path(result, MOUTHS).stat().st_size == 0


def test_lips_can_be_left_alone_without_any_weights(store: Store) -> None:
    config = from_tree({"lips": {"enabled": False, "weights": "/nowhere/at.all"}})
    assert synced(store, config)[1].mouths == ()


def test_a_still_picture_speaks_as_long_as_the_speech(store: Store, config: Config) -> None:
    source = made.source(store, 1, still=True)
    speech = made.speech(store, TRACK, 2.2)
    cast = Cast((CastEntry(0, 0, "test"), CastEntry(1, 0, "test")))
    result = Plain(config, store)(
        sync_lips, source, speech, made.cast(store, cast), made.faces(store, 1)
    )
    lips = store.read(result, Lips)
    assert {20, 29, 48, 54} <= {mouth.frame for mouth in lips.mouths}
    assert len({mouth.box for mouth in lips.mouths}) == 1


def test_better_weights_make_another_artefact(store: Store, config: Config, tmp_path: Path) -> None:
    inputs = (made.source(store, FRAMES), made.speech(store, TRACK, 2.4))
    first = sync_lips.artefact(config, *inputs)
    file = Path(config.lips.weights)
    file.write_bytes(file.read_bytes() + b" ")
    assert sync_lips.artefact(config, *inputs) != first


def test_damaged_weights_are_one_sentence(store: Store, config: Config) -> None:
    Path(config.lips.weights).write_bytes(b"not weights")
    with pytest.raises(StageError, match=r"^lips: .*wav2lip-random\.safetensors"):
        synced(store, config)


def test_a_change_of_one_line_makes_only_its_own_mouths(
    store: Store, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_mouths, "FRAMES", 10)
    both = Cast((CastEntry(0, 0, "test"), CastEntry(1, 0, "test")))
    moved = SpeechTrack(
        (TRACK.placements[0], Placement(1, Span(1.7, 2.0), 1.0)), "speech.wav", made.RATE
    )
    before = _pieces(store, *_of(store, config, TRACK, both))
    counts: list[int] = []
    engine = Engine.mouths

    def counted(self: Engine, items: list[FaceItem]) -> Iterator[Frame]:
        counts.append(len(items))
        return engine(self, items)

    monkeypatch.setattr(Engine, "mouths", counted)
    store.remove(Artefact("align", "made"))
    lips = config.lips.model_copy(update={"close": False})  # another key, the same mouths
    config = config.model_copy(update={"lips": lips})
    after = _pieces(store, *_of(store, config, moved, both))
    changed = {frame for frame, digest in after.items() if before.get(frame) != digest}
    assert changed and all(frame >= 30 for frame in changed)
    assert set(before) - changed >= set(range(20, 30))
    assert sum(counts[2:]) < len(after)  # the first two are the gate's
    fresh = _pieces(elsewhere := Store(tmp_path / "other"), *_of(elsewhere, config, moved, both))
    assert fresh == after


def _of(store: Store, config: Config, track: SpeechTrack, cast: Cast) -> tuple[Artefact, Lips]:
    source = made.source(store, FRAMES)
    speech = made.speech(store, track, FRAMES / 25)
    cast_, faces = made.cast(store, cast), made.faces(store, FRAMES)
    result = Plain(config, store)(sync_lips, source, speech, cast_, faces)
    return result, store.read(result, Lips)


def _pieces(store: Store, result: Artefact, lips: Lips) -> dict[int, str]:
    """Frame → digest of its picture."""
    size = lips.size**2 * 3
    data = store.path(result, MOUTHS).read_bytes()
    return {
        mouth.frame: hashlib.sha256(data[number * size : (number + 1) * size]).hexdigest()
        for number, mouth in enumerate(lips.mouths)
    }
