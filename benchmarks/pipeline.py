"""Seconds and peak memory of every stage, beside the clip's length.

    python -m benchmarks.pipeline CLIP… [--to pt] [--minutes 1 --minutes 10] [--json FILE]

`--minutes N` repeats the first clip to N minutes, so that memory can be compared over length.
Every clip runs in a fresh process and a fresh store: nothing is measured from a cache.  Peak memory
is the resident set of the process and its children, read every 50 ms.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

import ffmpeg
import psutil

from f2f import config as configuration
from f2f import job, pipeline
from f2f.config import Config
from f2f.media.program import run
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Input, Plain, Stage
from f2f.types import VideoInfo

INTERVAL = 0.05
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Row:
    """One stage of one clip."""

    stage: str
    seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Measured:
    """A runner that notes seconds and peak memory of every stage that it really runs."""

    plain: Plain
    rows: list[Row] = field(default_factory=list)

    @property
    def config(self) -> Config:
        """What the stages are run by."""
        return self.plain.config

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        before = len(self.plain.ran)
        with _Peak() as peak:
            artefact = self.plain(stage, *inputs)
        if len(self.plain.ran) > before:
            seconds = float(self.plain.store.meta(artefact)["seconds"])
            self.rows.append(Row(stage.name, seconds, peak.bytes / 1e6))
        return artefact


class _Peak:
    def __init__(self) -> None:
        self.bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._stop.wait(INTERVAL):
            children = (_resident(child, own) for child in own.children(recursive=True))
            self.bytes = max(self.bytes, own.memory_info().rss + sum(children))


def _resident(child: psutil.Process, parent: psutil.Process) -> int:
    """Bytes; a child that is still its parent's double has no memory of its own."""
    try:
        return 0 if child.cmdline() == parent.cmdline() else int(child.memory_info().rss)
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return 0


@dataclass(frozen=True)
class Result:
    """All stages of one clip."""

    clip: str
    size: tuple[int, int]
    seconds: float
    rows: tuple[Row, ...]

    @property
    def times_real_time(self) -> float:
        return sum(row.seconds for row in self.rows) / self.seconds

    @property
    def peak_mb(self) -> float:
        return max(row.peak_mb for row in self.rows)


def measure(clip: Path, config: Config) -> Result:
    """Run the whole chain on one clip in an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        measured = Measured(Plain(config, store))
        ready = job.prepare(clip, config, lambda _: measured)
        measured = Measured(Plain(ready.config, store), measured.rows)
        dub = pipeline.translate(clip, measured)
        info = store.read(dub.spoken.source, VideoInfo)
    return Result(clip.name, info.size, info.duration, tuple(measured.rows))


def repeated(clip: Path, minutes: float, folder: Path) -> Path:
    """The clip again and again, without encoding it anew."""
    target = folder / f"{clip.stem}-{minutes:g}min.mp4"
    looped = ffmpeg.input(str(clip.resolve()), stream_loop=-1)
    graph = ffmpeg.output(looped, target.name, t=60 * minutes, c="copy")
    run(graph, work=60 * minutes, target=target)
    return target


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--to", default="pt")
    parser.add_argument("--from", dest="source", default="en")
    parser.add_argument("--minutes", type=float, action="append", default=[])
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    options = {"languages.target": given.to, "languages.source": given.source}
    config = configuration.load(None, given.set, options)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        clips = [repeated(given.clips[0], minutes, Path(folder)) for minutes in given.minutes]
        for clip in clips or given.clips:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                result = pool.apply(measure, (clip, config))
            results.append(result)
            _print(result)
    if given.json:
        given.json.write_text(json.dumps([asdict(result) for result in results], indent=2))


def _print(result: Result) -> None:
    width, height = result.size
    print(f"\n{result.clip}: {result.seconds:.1f} s at {width}×{height}")
    print(f"{'stage':16}{'seconds':>9}{'× real time':>13}{'peak MB':>9}")
    for row in result.rows:
        print(
            f"{row.stage:16}{row.seconds:9.1f}{row.seconds / result.seconds:13.2f}"
            f"{row.peak_mb:9.0f}"
        )
    total = sum(row.seconds for row in result.rows)
    print(f"{'all':16}{total:9.1f}{result.times_real_time:13.2f}{result.peak_mb:9.0f}")


if __name__ == "__main__":
    main()
