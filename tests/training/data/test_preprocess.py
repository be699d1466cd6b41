"""A folder with every kind of bad clip: reported, skipped, and the good one packed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from f2f.config import Config
from f2f.roles import Closing, Face, Frame
from lipsync.crops import crop, with_chin
from training.data import preprocess
from training.data.jobs import Job, jobs_of
from training.data.packed import FACE, OK, PACKED, old_clip_name, read_note, tracks, write_note
from training.data.preprocess import table

RATE = 16_000


class BrightSquare(Closing):
    """A detector that takes a white square for a face."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def detect(self, frame: Frame) -> list[Face]:
        rows, columns = np.nonzero(frame.min(-1) > 200)
        if len(rows) < 50:
            return []
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        return [Face(box=tuple(map(float, box)), score=0.99, landmarks=((0.0, 0.0),) * 5)]


def video(path: Path, *, frames: int = 40, face: bool = True, loud: float = 0.3) -> None:
    """A grey clip with a white square that drifts, and noise of a loudness (below 0: no stream)."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
        sound = container.add_stream("pcm_s16le", rate=RATE, layout="mono") if loud >= 0 else None
        for index in range(frames):
            image = np.full((120, 160, 3), 90, np.uint8)
            if face:
                image[20:95, 30 + index : 95 + index] = 255
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        if sound is not None:
            noise = loud * rng.standard_normal((1, frames * RATE // 25)).clip(-1, 1)
            samples = av.AudioFrame.from_ndarray(
                (noise * 32767).astype(np.int16), format="s16", layout="mono"
            )
            samples.sample_rate = RATE
            container.mux(sound.encode(samples))
            container.mux(sound.encode(None))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(preprocess, "YuNet", BrightSquare)
    data = tmp_path / "data"
    for name in ("ann", "bob"):
        (data / name).mkdir(parents=True)
    video(data / "ann" / "good.mkv")
    video(data / "ann" / "mute.mkv", loud=-1)
    video(data / "ann" / "silent.mkv", loud=0)
    video(data / "bob" / "faceless.mkv", face=False)
    video(data / "bob" / "three.mkv", frames=3)
    (data / "bob" / "broken.mp4").write_bytes(b"\x00" * 4000)
    whole = (data / "ann" / "good.mkv").read_bytes()
    (data / "bob" / "cut.mkv").write_bytes(whole[:300])
    return data


def test_bad_clips_are_reported_and_the_good_one_is_packed(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "packed"
    out.mkdir()
    notes = [preprocess.pack(job, out) for job in jobs_of(folder)]
    statuses = {Path(note.file).stem: note.status for note in notes}
    assert statuses == {
        "good": OK,
        "mute": "silent",
        "silent": "silent",
        "faceless": "faceless",
        "three": "short",
        "broken": "broken",
        "cut": "broken",
    }
    shown = table([note for note in notes if note.status != OK], Counter(statuses.values()))
    assert "bob/broken.mp4" in shown and "ann/good.mkv" not in shown
    (good,) = tracks(out, "train")
    assert good.faces.shape == (40, PACKED, PACKED, 3) and good.speaker == "ann"
    assert len(good.samples()) == 40 * RATE // 25
    assert good.mel.shape[0] == 80
    # the square fills the box, and what is around it is the room for jitter
    middle = good.faces[20][8:-20, 10:-10]
    assert middle.min() > 180 and good.faces[20][:3].max() < 140


def test_files_of_like_names_are_packed_apart(folder: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "alike", tmp_path / "packed"
    files = ("a/b.mkv", "a_b.mkv", "a/b.mp4", "a%2Fb.mkv")
    for file in files:
        (data / file).parent.mkdir(parents=True, exist_ok=True)
        (data / file).symlink_to(folder / "ann" / "good.mkv")
    jobs = [Job(data / file, file, "ann", "train") for file in files]
    notes = list(preprocess.preprocess(jobs, out, workers=1))
    assert [note.status for note in notes] == [OK] * 4
    assert sorted(track.file for track in tracks(out, "train")) == sorted(files)


def test_packed_faces_are_cropped_as_at_inference(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "packed"
    out.mkdir()
    job = Job(folder / "ann" / "good.mkv", "good.mkv", "ann", "train")
    preprocess.pack(job, out)
    (track,) = tracks(out, "train")
    boxes = np.load(out / f"{track.name}.boxes.npy")
    with av.open(str(job.path)) as container:
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    room = (PACKED - FACE) // 2
    for frame, box, face in zip(frames, boxes, track.faces, strict=True):
        expected = crop(frame, with_chin(box), FACE)  # what a generator is given of a frame
        middle = face[room:-room, room:-room]
        assert np.abs(middle.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("side", [40, 96, 400])
def test_the_packed_box_is_the_models_box_and_room_around_it(side: int) -> None:
    box = (10.0, 20.0, 10.0 + side, 20.0 + 1.2 * side)
    x0, y0, x1, y1 = preprocess.packed_box(box)
    wide, high = (x1 - x0) * FACE / PACKED, (y1 - y0) * FACE / PACKED
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    inner = (middle_x - wide / 2, middle_y - high / 2, middle_x + wide / 2, middle_y + high / 2)
    assert inner == pytest.approx(with_chin(box))


def test_older_crops_are_told_of(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "packed"
    out.mkdir()
    (job,) = (job for job in jobs_of(folder) if job.file.endswith("three.mkv"))
    note = replace(preprocess.pack(job, out), form=1)
    (out / f"{job.clip}.json").unlink()
    write_note(out, old_clip_name(job.file), note)
    assert list(preprocess.preprocess([job], out, workers=1)) == [note]
    assert "1 clips were packed with older crops" in caplog.text


def test_a_second_run_does_nothing_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "packed"
    jobs = [job for job in jobs_of(folder) if job.file.endswith(("good.mkv", "three.mkv"))]
    first = list(preprocess.preprocess(jobs, out, workers=1))
    monkeypatch.setattr(preprocess, "pack", None)  # would fail if it were called
    again = list(preprocess.preprocess(jobs, out, workers=1))
    assert sorted(note.file for note in again) == sorted(note.file for note in first)
    assert {note.status for note in again} == {OK, "short"}


def test_several_workers_report_every_clip(folder: Path, tmp_path: Path) -> None:
    jobs = [job for job in jobs_of(folder) if not job.file.endswith("good.mkv")]
    found = list(preprocess.preprocess(jobs, tmp_path / "packed", workers=2))
    assert sorted(note.file for note in found) == sorted(job.file for job in jobs)
    assert {note.status for note in found} == {"silent", "faceless", "short", "broken"}


def test_a_manifest_gives_speakers_and_leaves_out_double_labels(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(
        "file,speaker,split,seconds,licence\n"
        "a/x.mkv,ann,train,1,free\na/y.mkv,ann,val,1,free\n"
        "a/z.mkv,ann,train,1,free\na/z.mkv,bob,train,1,free\n"
    )
    jobs = jobs_of(tmp_path)
    assert jobs == [
        Job(tmp_path / "a/x.mkv", "a/x.mkv", "ann", "train"),
        Job(tmp_path / "a/y.mkv", "a/y.mkv", "ann", "val"),
    ]
    assert jobs[0].clip == "a%2Fx.mkv"


def test_a_note_survives(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "packed"
    out.mkdir()
    (job,) = (job for job in jobs_of(folder) if job.file.endswith("good.mkv"))
    note = preprocess.pack(job, out)
    assert read_note(out / f"{job.clip}.json") == note
