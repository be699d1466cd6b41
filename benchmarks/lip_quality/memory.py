"""Peak memory of making lips of the speaker's own pixels, whatever the video's length.

    python -m benchmarks.lip_quality.memory CLIP [MINUTES ...]

The clip is repeated for that long and speaks its own sound.  One process measures one length, since
a peak never falls.  A narrow generator with random weights takes the real one's place: what is
asked is whether memory grows.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import imageio_ffmpeg

WIDTH = 0.125
"""Of the generator."""
PASTED_EVERY = 25
"""Frames of which one is pasted: each one is as large as the other."""


def peak_megabytes(clip: Path, minutes: float) -> float:
    """Peak resident size of a fresh process that makes the lips of so many minutes."""
    command = [sys.executable, "-m", "benchmarks.lip_quality.memory", "--own", str(clip)]
    done = subprocess.run([*command, str(minutes)], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def _own_peak(clip: Path, minutes: float) -> float:
    import resource

    import torch

    from benchmarks.lip_quality.clips import stages
    from f2f.config import from_tree
    from f2f.lips.mouth_bank import MouthBank, OwnPictures
    from f2f.lips.mouths import MOUTHS, Lips, Patcher
    from f2f.media import frames
    from f2f.store.artefacts import Store
    from f2f.store.stage import Plain
    from f2f.types import VideoInfo
    from lipsync import checkpoint
    from lipsync.generator import Generator

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights, long = folder / "narrow.safetensors", folder / "long.mp4"
        made_of = checkpoint.Info(training_data="nothing", licence="any")
        checkpoint.save(weights, Generator(width=WIDTH), made_of)
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-stream_loop", "-1"]
        command += ["-i", str(clip), "-t", str(60 * minutes), "-c", "copy", str(long)]
        subprocess.run(command, check=True)
        config = from_tree(
            {
                "faces": {"backend": "yunet"},
                "lips": {"weights": str(weights), "detail": "own", "path": "fp32"},
            }
        )
        store = Store(folder / "store")
        torch.set_num_threads(1)
        made, _ = stages(Plain(config, store), long, long)
        bank, lips = made["gather_mouths"], made["sync_lips"]
        people = [
            OwnPictures(one, lambda file: store.path(bank, file))
            for one in store.read(bank, MouthBank).people
        ]
        patcher = Patcher(store.read(lips, Lips), store.path(lips, MOUTHS), people)
        info = store.read(made["ingest"], VideoInfo)
        for number, frame in enumerate(frames(store.path(made["ingest"], info.path), info)):
            if number % PASTED_EVERY == 0:
                patcher.patch(number, frame)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)  # Linux counts in KiB


def main(arguments: list[str]) -> None:
    """Print the peak of each length."""
    if arguments[0] == "--own":
        print(_own_peak(Path(arguments[1]), float(arguments[2])))
        return
    for minutes in arguments[1:] or ["1", "20"]:
        peak = peak_megabytes(Path(arguments[0]), float(minutes))
        print(f"{minutes} minutes: {peak:.0f} MB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
