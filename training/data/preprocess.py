"""A folder of videos → packed face tracks: shots, faces, tracks, crops, sound.

One file at a time in each worker; a file that is done has its note, so a stopped run goes on
where it was. A broken file is reported in the table and skipped; nothing else is touched by it.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import soundfile
import torch
from threadpoolctl import threadpool_limits

from f2f import media
from f2f.backends.detection.yunet import YuNet
from f2f.config import Config, Faces
from f2f.errors import F2FError, InputError
from f2f.faces.detection import find_tracks
from f2f.media.timeline import duration_in_samples, exact_time, frame_count
from f2f.types import FaceTrack, VideoInfo
from lipsync.audio import SAMPLE_RATE
from lipsync.crops import crop, with_chin
from lipsync.errors import LipsyncError
from training.data.jobs import Job, jobs_of
from training.data.packed import (
    FACE,
    FORM,
    FPS,
    OK,
    PACKED,
    ClipNote,
    TrackNote,
    find_note,
    write_note,
    write_track,
)

log = logging.getLogger(__name__)

SHORTEST = 14
"""Frames; a window of 5, a reference and a false window need about so many."""
SMALLEST = 40.0
"""Pixels of a face's height below which its lips are a smear."""
QUIETEST = 1e-4
"""Root mean square of a sound below which a clip counts as silent."""
SMALL_SIDE = 320
"""Long side in pixels at which faces are looked for: they fill these pictures."""


def preprocess(jobs: Sequence[Job], out: Path, *, workers: int) -> Iterator[ClipNote]:
    """Pack files, each as soon as it is done; those that were done before come first."""
    out.mkdir(parents=True, exist_ok=True)
    waiting = []
    old = 0
    for job in jobs:
        note = find_note(out, job.file)
        if note is None:
            waiting.append(job)
        else:
            old += note.form < FORM
            yield note
    if old:
        log.warning("%d clips were packed with older crops: see docs/training.md", old)
    if workers == 1:
        yield from (pack(job, out) for job in waiting)
        return
    # spawned, not forked: OpenMP of a forked process waits for threads that it has lost
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_one_thread) as pool:
        for done in as_completed([pool.submit(pack, job, out) for job in waiting]):
            yield done.result()


def _one_thread() -> None:
    """Workers are the parallelism: BLAS threads in each slowed packing to a third on two cores."""
    threadpool_limits(1)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def pack(job: Job, out: Path) -> ClipNote:
    """Pack one file and write its note; whatever is wrong with it goes into the note."""
    note = ClipNote(job.file, job.speaker, job.split, status=OK)
    try:
        found = tuple(_tracks(job, out))
    except (F2FError, LipsyncError, OSError) as error:
        note = replace(note, status="broken", error=str(error))
        if isinstance(error, _UnusableError):
            note = replace(note, status=error.status)
    else:
        kept = any(track.status == OK for track in found)
        reason = found[0].status if found else "faceless"
        note = replace(note, status=OK if kept else reason, tracks=found)
    write_note(out, job.clip, note)
    return note


class _UnusableError(InputError):
    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


def _tracks(job: Job, out: Path) -> Iterator[TrackNote]:
    info = replace(media.probe(job.path), fps=FPS)
    info = replace(info, frames=frame_count(info.duration, FPS))
    if info.frames < SHORTEST:
        raise _UnusableError("short", f"{info.frames} frames, fewer than {SHORTEST}")
    samples = _sound(job.path, info)
    options = Faces(detection_side=SMALL_SIDE)
    with YuNet(Config(faces=options)) as detector:
        seen = find_tracks(media.frames(job.path, info), detector, fps=FPS, options=options).tracks
    checked = [(track, _status(track)) for track in seen]
    main = _largest(track for track, status in checked if status == OK)
    kept = [
        (track, "crowd" if status == OK and track not in main else status)
        for track, status in checked
    ]
    faces = _crops(job.path, info, [track for track, status in kept if status == OK])
    for number, (track, status) in enumerate(kept):
        frames = track.frames
        if status == OK:
            first, last = (
                duration_in_samples(at, FPS, SAMPLE_RATE) for at in (frames.start, frames.stop)
            )
            sound = samples[first:last]
            write_track(
                out,
                f"{job.clip}.{number}",
                faces=faces.pop(0),
                boxes=np.asarray(track.boxes, np.float32),
                samples=np.pad(sound, (0, last - first - len(sound))),
            )
        yield TrackNote((frames.start, frames.stop), status, _height(track))


def _sound(path: Path, info: VideoInfo) -> npt.NDArray[np.float32]:
    if not info.has_audio:
        raise _UnusableError("silent", "there is no sound")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "sound.wav"
        media.extract_sound(
            path, (wav, SAMPLE_RATE, 1), start=info.start, duration=exact_time(info.frames, FPS)
        )
        samples: npt.NDArray[np.float32] = soundfile.read(wav, dtype="float32")[0]
    if samples.ndim > 1:
        samples = samples.mean(1, dtype=np.float32)
    if len(samples) == 0 or float(np.sqrt(np.mean(samples**2))) < QUIETEST:
        raise _UnusableError("silent", "the sound is silence")
    return samples


def _status(track: FaceTrack) -> str:
    if len(track.boxes) < SHORTEST:
        return "short"
    return OK if _height(track) >= SMALLEST else "small"


def _height(track: FaceTrack) -> float:
    return float(np.median([box[3] - box[1] for box in track.boxes]))


def _largest(tracks: Iterable[FaceTrack]) -> list[FaceTrack]:
    """Of tracks that share frames only the largest face: whose voice it is, nobody knows."""
    kept: list[FaceTrack] = []
    for track in sorted(tracks, key=_height, reverse=True):
        if all(
            track.frames.stop <= other.frames.start or other.frames.stop <= track.frames.start
            for other in kept
        ):
            kept.append(track)
    return kept


def _crops(path: Path, info: VideoInfo, tracks: Sequence[FaceTrack]) -> list[npt.NDArray[np.uint8]]:
    """Faces of every track, (N, 112, 112, 3) BGR, in one pass over the frames."""
    faces = [np.empty((len(track.boxes), PACKED, PACKED, 3), np.uint8) for track in tracks]
    for index, frame in enumerate(media.frames(path, info)):
        for track, target in zip(tracks, faces, strict=True):
            if index in track.frames:
                at = index - track.first_frame
                target[at] = crop(frame, packed_box(track.boxes[at]), PACKED)
    return faces


def packed_box(box: Sequence[float]) -> tuple[float, float, float, float]:
    """The box that the models see, and the room for jitter around it."""
    x0, y0, x1, y1 = with_chin(box)
    across, down = ((end - start) * (PACKED / FACE - 1) / 2 for start, end in ((x0, x1), (y0, y1)))
    return x0 - across, y0 - down, x1 + across, y1 + down


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m training preprocess`."""
    command = commands.add_parser("preprocess", help="pack a folder of videos")
    command.add_argument("data", type=Path, help="folder; its manifest.csv is used if it has one")
    command.add_argument("--out", type=Path, required=True, help="folder for the packed data")
    command.add_argument("--workers", type=int, default=2, help="processes")
    command.set_defaults(act=_act)


def _act(chosen: argparse.Namespace) -> int:
    jobs = jobs_of(chosen.data)
    counts: Counter[str] = Counter()
    skipped = []
    for number, note in enumerate(preprocess(jobs, chosen.out, workers=chosen.workers), 1):
        counts[note.status] += 1
        if note.status != OK:
            skipped.append(note)
        if sys.stderr.isatty() or number % 100 == 0 or number == len(jobs):
            print(f"\r{number}/{len(jobs)} {dict(counts)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    print(table(skipped, counts))
    return 0


def table(skipped: Sequence[ClipNote], counts: Counter[str]) -> str:
    """What was packed, and every file that was not, with the reason."""
    lines = [f"{status:<10} {count:>6}" for status, count in sorted(counts.items())]
    lines += [f"{note.status:<10} {note.file}  {note.error}".rstrip() for note in skipped]
    return "\n".join(lines)
