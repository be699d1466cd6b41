"""Clips and sounds: cut to a few seconds, brought through the product's own stages."""

from __future__ import annotations

import csv
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import soundfile

from f2f.backends import resolve
from f2f.config import Config, from_tree
from f2f.lips.mouth_bank import MouthBank, OwnPictures
from f2f.lips.mouths import MOUTHS, Lips, Mouth, Patcher
from f2f.media import extract_sound, frames
from f2f.media.timeline import samples_of, time_of
from f2f.stages.adopt_speech import adopt_speech
from f2f.stages.gather_mouths import gather_mouths
from f2f.stages.ingest import ingest
from f2f.stages.match_faces import match_faces
from f2f.stages.sync_lips import sync_lips
from f2f.stages.track_faces import track_faces
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Plain
from f2f.types import Box, VideoInfo
from lipsync.audio import SAMPLE_RATE
from lipsync.crops import resample, to_bytes

HINDI = "नमस्ते, आज हम एक नई बात सीखेंगे। ध्यान से सुनिए और मेरे साथ बोलिए, यह बहुत आसान है।"
DETAILS = ("generator", "auto")
"""What is compared: the generator's pixels, and the speaker's own where they fit."""


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """One clip with one sound: faces of the frames that get new lips in full."""

    info: VideoInfo
    source: npt.NDArray[np.uint8]
    """(N, h, w, 3), as filmed."""
    made: dict[str, npt.NDArray[np.uint8]]
    """Detail → the same faces with new lips."""
    sound: npt.NDArray[np.float32]
    """16 kHz, from the first of the frames on."""
    shares: dict[str, int]
    """Frames by kind: own, mixed, generated, covered."""
    costs: dict[str, float]
    """Milliseconds of processor a frame."""


def cut(clip: Path, folder: Path, seconds: float) -> Path:
    """The first seconds of a clip, its pictures untouched."""
    target = folder / clip.name
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(clip)]
    command += ["-t", str(seconds), "-c", "copy", str(target)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def sound_of(clip: Path, folder: Path) -> Path:
    """A clip's sound."""
    target = folder / f"{clip.stem}.wav"
    extract_sound(clip, (target, SAMPLE_RATE, 1))
    return target


def hindi(folder: Path) -> Path:
    """Synthetic speech that no clip's mouth ever spoke."""
    target = folder / "hindi.wav"
    config = Config()
    backend = resolve("speech", "kokoro")
    voice = backend.voices("hi", config)[0]
    with backend(config) as speaker:
        spoken = speaker.speak(HINDI, "hi", voice)
    soundfile.write(target, spoken.samples, spoken.rate)
    return target


def people(data: Path, count: int) -> Iterator[Path]:
    """The longest clip of each of some held-out people, the longest first."""
    longest: dict[str, tuple[float, str]] = {}
    with (data / "manifest.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = float(row["seconds"]), row["file"]
            if row["split"] == "val" and found > longest.get(row["speaker"], (0.0, "")):
                longest[row["speaker"]] = found
    for _, name in sorted(longest.values(), reverse=True)[:count]:
        yield data / name


def spoken(clip: Path, sound: Path, store: Store) -> Spoken | None:
    """A clip that speaks a sound; None if no face gets new lips for long enough."""
    lips: dict[str, tuple[Lips, Patcher]] = {}
    costs: dict[str, float] = {}
    for detail in DETAILS:
        run = Plain(from_tree({"faces": {"backend": "yunet"}, "lips": {"detail": detail}}), store)
        made, taken = stages(run, clip, sound)
        value = store.read(made["sync_lips"], Lips)
        bank = made["gather_mouths"]
        own = [
            OwnPictures(one, _locator(store, bank)) for one in store.read(bank, MouthBank).people
        ]
        lips[detail] = value, Patcher(value, store.path(made["sync_lips"], MOUTHS), own)
        for name, seconds in taken.items():
            costs[f"{name} {detail}"] = 1e3 * seconds / max(1, len(value.mouths))
    info = store.read(made["ingest"], VideoInfo)
    auto = lips["auto"][0]
    wanted = [mouth for mouth in auto.mouths if mouth.blend >= 1.0 and mouth.frame < info.frames]
    track = max(
        {mouth.track for mouth in wanted}, key=lambda one: _count(wanted, one), default=None
    )
    run_of = [mouth for mouth in wanted if mouth.track == track]
    if len(run_of) < 3:
        return None
    size = _native([mouth.box for mouth in run_of])
    boxes = {mouth.frame: mouth.box for mouth in run_of}
    source: list[npt.NDArray[np.uint8]] = []
    faces: dict[str, list[npt.NDArray[np.uint8]]] = {detail: [] for detail in DETAILS}
    for number, frame in enumerate(
        frames(store.path(made["ingest"], info.path), info, count=run_of[-1].frame + 1)
    ):
        if number not in boxes:
            continue
        source.append(to_bytes(resample(frame, boxes[number], size)))
        for detail, (_, patcher) in lips.items():
            started = time.process_time()
            patched = patcher.patch(number, frame)
            spent = 1e3 * (time.process_time() - started) / len(boxes)
            costs[f"paste {detail}"] = costs.get(f"paste {detail}", 0.0) + spent
            faces[detail].append(to_bytes(resample(patched, boxes[number], size)))
    samples, _ = soundfile.read(sound_16(sound, store.root), dtype="float32")
    start = samples_of(time_of(run_of[0].frame, info.fps), SAMPLE_RATE)
    kinds = [mouth.own for mouth in auto.mouths]
    return Spoken(
        info,
        np.stack(source),
        {detail: np.stack(some) for detail, some in faces.items()},
        samples[start:],
        {
            "own": sum(own >= 1 for own in kinds),
            "mixed": sum(0 < own < 1 for own in kinds),
            "generated": sum(own <= 0 for own in kinds),
            "covered": auto.covered,
        },
        costs,
    )


def sound_16(sound: Path, folder: Path) -> Path:
    """The sound at 16 kHz."""
    target = folder / f"{sound.stem}.16k.wav"
    if not target.exists():
        extract_sound(sound, (target, SAMPLE_RATE, 1))
    return target


def stages(run: Plain, clip: Path, sound: Path) -> tuple[dict[str, Artefact], dict[str, float]]:
    """What is made, and the seconds of processor that the making of the lips took."""
    source = run(ingest, clip)
    faces = run(track_faces, source)
    speech = run(adopt_speech, sound, source)
    cast = run(match_faces, source, speech, faces)
    times = [time.process_time()]
    bank = run(gather_mouths, source, cast, faces, speech)
    times.append(time.process_time())
    lips = run(sync_lips, source, speech, cast, faces, bank)
    times.append(time.process_time())
    made = {"ingest": source, "gather_mouths": bank, "sync_lips": lips}
    return made, {"gather": times[1] - times[0], "sync": times[2] - times[1]}


def _locator(store: Store, bank: Artefact) -> Callable[[str], Path]:
    return lambda name: store.path(bank, name)


def _count(mouths: Sequence[Mouth], track: int) -> int:
    return sum(mouth.track == track for mouth in mouths)


def _native(boxes: Sequence[Box]) -> tuple[int, int]:
    corners = np.array(boxes)
    height, width = (np.median(corners[:, n + 2] - corners[:, n]) for n in (1, 0))
    return max(48, round(float(height))), max(48, round(float(width)))
