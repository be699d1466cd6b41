"""The data on disk: one JSON a clip, and arrays beside it for every face track.

``<clip>.json`` says what was found; ``<clip>.<n>.faces.npy`` holds the faces (mapped, not read),
``.boxes.npy`` where they were, ``.audio.npy`` 16-bit samples, ``.mel.npy`` the features and
``.lips.npy`` and ``.landmarks.npy`` what `training lips` saw, if it was run.
Sound and faces of a track start at the same instant.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
import torch

from f2f.errors import InputError
from lipsync.audio import mel_spectrogram

FPS = Fraction(25)
"""Every clip is packed at this rate, LRS2's."""
FACE = 96
"""Pixels of the detected box in a packed picture …"""
PACKED = 112
"""… which shows this many, so that the box can be jittered when it is read."""
FULL_SCALE = 32768.0
"""16-bit samples in one unit of sound."""

OFFSETS = "offsets.json"
OK = "ok"
TRAIN, VAL = "train", "val"
"""Names of splits."""
FORM = 2
"""What the packed crops show: since 2 `lipsync.crops.with_chin`, in 1 ten pixels below the box."""


@dataclass(frozen=True, slots=True)
class TrackNote:
    """One face track of a clip, kept (`ok`) or not."""

    shot: tuple[int, int]
    """First frame and the one after the last."""
    status: str
    size: float = 0.0
    """Median height of the face in pixels."""


@dataclass(frozen=True, slots=True)
class ClipNote:
    """What preprocessing made of one file; JSON."""

    file: str
    speaker: str
    split: str
    status: str
    """ok, or the reason why nothing of it is used."""
    tracks: tuple[TrackNote, ...] = ()
    error: str = ""
    form: int = FORM


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One packed face track, ready to be cut into windows."""

    name: str
    speaker: str
    split: str
    file: str
    """Name inside the data folder."""
    faces: npt.NDArray[np.uint8]
    """(N, 112, 112, 3) BGR, mapped from disk."""
    mel: npt.NDArray[np.float32]
    """(80, steps)."""
    folder: Path = field(repr=False)
    offset: int = 0
    """Frames by which the sound runs ahead: frame i belongs to the sound at frame i − offset."""

    @property
    def source(self) -> str:
        """The file's folder: one kind of recording."""
        return str(PurePosixPath(self.file).parent)

    @property
    def lips(self) -> npt.NDArray[np.float32] | None:
        """(N, codes), where `training lips` wrote them."""
        path = self.folder / f"{self.name}.lips.npy"
        return np.load(path) if path.is_file() else None

    @property
    def landmarks(self) -> npt.NDArray[np.float32] | None:
        """(N, 56, 3) in packed pixels, see `training.data.landmarks`, where they were kept."""
        path = self.folder / f"{self.name}.landmarks.npy"
        return np.load(path).astype(np.float32) if path.is_file() else None

    def samples(self) -> npt.NDArray[np.float32]:
        """(S,) sound at 16 kHz in [−1, 1]."""
        pcm = np.load(self.folder / f"{self.name}.audio.npy")
        return np.asarray(pcm, np.float32) / np.float32(FULL_SCALE)

    def cut(self, frames: int) -> Track:
        """No more than its first frames."""
        return replace(self, faces=self.faces[:frames])

    def __len__(self) -> int:
        return len(self.faces)


def clip_name(file: str) -> str:
    """What a file of the data folder is called among the packed: no two files alike."""
    return file.replace("%", "%25").replace("/", "%2F")


def old_clip_name(file: str) -> str:
    """What form 1 called it; several files could be meant, of which the note names one."""
    return file.rpartition(".")[0].replace("/", "_")


def find_note(folder: Path, file: str) -> ClipNote | None:
    """The note of a file of the data folder, if it is packed in this or the old form."""
    for clip in (clip_name(file), old_clip_name(file)):
        path = folder / f"{clip}.json"
        if path.is_file() and (note := read_note(path)).file == file:
            return note
    return None


def write_note(folder: Path, clip: str, note: ClipNote) -> None:
    """Say that a clip is done; the last thing written of it."""
    replace_file(folder / f"{clip}.json", json.dumps(asdict(note)).encode())


def write_track(
    folder: Path,
    name: str,
    *,
    faces: npt.NDArray[np.uint8],
    boxes: npt.NDArray[np.float32],
    samples: npt.NDArray[np.float32],
) -> None:
    """Write a track's arrays, each whole or not at all.

    Args:
        folder: of the packed data.
        name: clip and number.
        faces: (N, 112, 112, 3) BGR.
        boxes: (N, 4) in pixels of the source.
        samples: (S,) at 16 kHz, from the first frame on.
    """
    pcm = (np.clip(samples, -1, 1) * (FULL_SCALE - 1)).astype(np.int16)
    for kind, array in (("boxes", boxes), ("audio", pcm), ("mel", mel_of(pcm)), ("faces", faces)):
        save_array(folder / f"{name}.{kind}.npy", array)


def mel_of(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
    """(80, steps) features of 16-bit samples."""
    samples = torch.from_numpy(pcm.astype(np.float32) / np.float32(FULL_SCALE))
    mel: npt.NDArray[np.float32] = mel_spectrogram(samples).numpy()
    return mel


def notes(folder: Path) -> Iterator[tuple[str, ClipNote]]:
    """Every clip that is done, by name."""
    for path in sorted(folder.glob("*.json")):
        if path.name != OFFSETS:
            yield path.stem, read_note(path)


def read_note(path: Path) -> ClipNote:
    """A clip's note; fields of other versions are passed over."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    tracks = tuple(
        TrackNote(tuple(part["shot"]), part["status"], float(part.get("size", 0.0)))
        for part in raw.get("tracks", ())
    )
    return ClipNote(
        file=raw["file"],
        speaker=raw["speaker"],
        split=raw["split"],
        status=raw["status"],
        tracks=tracks,
        error=raw.get("error", ""),
        form=int(raw.get("form", 1)),
    )


def tracks(folder: Path, split: str, *, shortest: int = 14) -> list[Track]:
    """All usable tracks of a split, with their sound's offset corrected, without dropped ones.

    Raises:
        InputError: there is none.
    """
    found = [
        track
        for track in every_track(folder, corrected=True)
        if track.split == split and len(track) >= shortest
    ]
    if not found:
        raise InputError(f"{folder} holds no usable '{split}' track: run training preprocess")
    return found


def every_track(folder: Path, *, corrected: bool = False) -> Iterator[Track]:
    """All packed tracks of all splits; `corrected` by their offset, and without dropped ones."""
    path = folder / OFFSETS
    known = corrected and path.is_file()
    offsets: dict[str, int | None] = json.loads(path.read_text()) if known else {}
    for clip, note in notes(folder):
        for number, part in enumerate(note.tracks):
            offset = offsets.get(f"{clip}.{number}", 0)
            if note.status == OK and part.status == OK and offset is not None:
                yield _open(folder, f"{clip}.{number}", note, offset)


def _open(folder: Path, name: str, note: ClipNote, offset: int) -> Track:
    mel = folder / f"{name}.mel.npy"
    if not mel.is_file():
        save_array(mel, mel_of(np.load(folder / f"{name}.audio.npy")))
    return Track(
        name=name,
        speaker=note.speaker,
        split=note.split,
        file=note.file,
        faces=np.load(folder / f"{name}.faces.npy", mmap_mode="r"),
        mel=np.load(mel),
        folder=folder,
        offset=offset,
    )


def save_array(path: Path, array: npt.NDArray[np.generic]) -> None:
    """Write an array, whole or not at all."""
    partial = path.with_name(f".{path.stem}.{os.getpid()}.npy")
    try:
        np.save(partial, array)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Write a small file, whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
