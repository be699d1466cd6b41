"""A little video whose one face, tracks, cast and speech are made up, as artefacts of a store."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
import torch

from f2f.lips.mouth_bank import MouthBank
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact, Store
from f2f.types import Cast, FaceTrack, FaceTracks, SpeechTrack, VideoInfo
from lipsync import checkpoint
from lipsync.generator import Generator

FPS = Fraction(25)
SIZE = (160, 120)
BOX = (40.0, 20.0, 120.0, 110.0)
RATE = 48_000


def artefact(
    store: Store, stage: str, value: Any, payload: Callable[[Path], None] = lambda folder: None
) -> Artefact:
    """Put a value and its files into the store under a made-up key."""

    def fill(folder: Path) -> None:
        values.write(value, folder / VALUE)
        payload(folder)

    return store.make(Artefact(stage, "made"), fill, {"stage": stage})


def source(store: Store, frames: int, *, still: bool = False) -> Artefact:
    """The video as ingest would keep it."""
    count = 1 if still else frames
    return artefact(
        store,
        "ingest",
        info(count, still=still),
        lambda folder: write_video(folder / "source.mp4", count),
    )


def write_video(path: Path, frames: int) -> None:
    """A video of noise that stays the same from frame to frame, with a grey stripe that moves."""
    picture = np.random.default_rng(0).integers(60, 200, (SIZE[1], SIZE[0], 3), np.uint8)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(frames):
            shown = picture.copy()
            shown[:, number % SIZE[0]] = 128
            frame = av.VideoFrame.from_ndarray(shown, format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def info(frames: int, *, still: bool = False) -> VideoInfo:
    """What ingest would say of the video."""
    return VideoInfo(
        path="source.mp4",
        digest="",
        fps=FPS,
        size=SIZE,
        frames=frames,
        duration=float(frames / FPS),
        rotation=0,
        variable_rate=False,
        has_audio=False,
        still=still,
        pixel_format="yuv420p",
    )


def speech(store: Store, track: SpeechTrack, seconds: float) -> Artefact:
    """A tone in every placement, silence elsewhere."""

    def payload(folder: Path) -> None:
        clock = np.arange(round(seconds * RATE)) / RATE
        sound = np.zeros_like(clock)
        for placement in track.placements:
            inside = (clock >= placement.span.start) & (clock < placement.span.end)
            sound += 0.2 * inside * np.sin(2 * np.pi * 220 * clock)
        soundfile.write(folder / track.audio, sound, RATE)

    return artefact(store, "align", track, payload)


def faces(store: Store, frames: int) -> Artefact:
    """One face that stays where it is."""
    track = FaceTrack(0, 0, (BOX,) * frames, (0.9,) * frames)
    return artefact(store, "track_faces", FaceTracks((track,), (0,)))


def cast(store: Store, value: Cast) -> Artefact:
    """The given cast."""
    return artefact(store, "match_faces", value)


def bank(store: Store) -> Artefact:
    """A bank without anybody."""
    return artefact(store, "gather_mouths", MouthBank(()))


def weights(folder: Path) -> Path:
    """A small generator with random weights, in the shipped format."""
    torch.manual_seed(0)
    path = folder / "wav2lip-random.safetensors"
    checkpoint.save(
        path, Generator(width=0.125), checkpoint.Info(training_data="nothing", licence="any")
    )
    return path
