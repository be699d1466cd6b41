"""A recipe whose stages sleep and write what they read: the real shape, no models, no media.

A stage notes its start in the file `$FAKE_LOG`; it takes `$FAKE_SECONDS`.  What the "video" says
makes it behave: `no video`, `bad input`, `dies` (kills its worker), `flaky` (fails once, as a
network does).
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from f2f.config import Config
from f2f.errors import InputError
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Runner, Work, plain, stage
from flows.items.recipe import Recipe

Settings = Callable[[Config], Any]
PAYLOAD = "payload.txt"


@dataclass(frozen=True, slots=True)
class Value:
    digest: str


def none(_config: Config) -> tuple[()]:
    return ()


def language(config: Config) -> tuple[str | None]:
    return (config.languages.target,)


def work_on(work: Work, *inputs: Artefact | Path, size: int = 1000) -> None:
    own = globals()[work.stage]
    made = own.artefact(work.config, *inputs)
    note(f"start {made.stage}/{made.key}")
    texts = [
        item.read_text() if isinstance(item, Path) else work.path(item, PAYLOAD).read_text()
        for item in inputs
    ]
    seconds = float(os.environ.get("FAKE_SECONDS", "0.02"))
    text = hashlib.sha256(
        f"{work.stage}{plain(own.settings(work.config))}{texts}".encode()
    ).hexdigest()
    text = texts[0] if work.stage == "ingest" else text * (size // 64 + 1)
    half = len(text) // 2
    with (work.folder / PAYLOAD).open("w") as file:  # half of it, so that a kill finds it torn
        file.write(text[:half])
        file.flush()
        for step in range(5):
            time.sleep(seconds / 5)
            work.advance(step, 5)
        file.write(text[half:])
    work.write(Value(hashlib.sha256(text.encode()).hexdigest()))


def note(line: str) -> None:
    if "FAKE_LOG" in os.environ:
        with Path(os.environ["FAKE_LOG"]).open("a") as log:
            log.write(line + "\n")


@stage(version=1, settings=none)
def ingest(work: Work, video: Path) -> None:
    work_on(work, video)


@stage(version=1, settings=none)
def track_faces(work: Work, source: Artefact) -> None:
    work_on(work, source)


@stage(version=1, settings=none)
def transcribe(work: Work, source: Artefact) -> None:
    said = work.path(source, PAYLOAD).read_text()
    if "bad input" in said:
        raise InputError("nobody speaks in it")
    if "dies" in said:
        os.kill(os.getpid(), signal.SIGKILL)
    if "flaky" in said:
        mark = Path(os.environ["FAKE_LOG"] + ".flaky")
        if not mark.exists():
            mark.touch()
            raise ConnectionResetError("the download broke off")
    work_on(work, source)


@stage(version=1, settings=language)
def translate_text(work: Work, heard: Artefact) -> None:
    work_on(work, heard)


@stage(version=1, settings=language)
def synthesise(work: Work, said: Artefact, source: Artefact) -> None:
    work_on(work, said, source)


@stage(version=1, settings=none)
def match_faces(work: Work, heard: Artefact, faces: Artefact) -> None:
    work_on(work, heard, faces)


@stage(version=1, settings=language)
def sync_lips(work: Work, source: Artefact, clips: Artefact, cast: Artefact) -> None:
    work_on(work, source, clips, cast)


@stage(version=1, settings=lambda config: (config.languages.target, config.delivery))
def deliver(work: Work, source: Artefact, frames: Artefact) -> None:
    work_on(work, source, frames, size=int(os.environ.get("FAKE_SIZE", "1000")))


@dataclass(frozen=True, slots=True)
class Plan:
    config: Config


@dataclass(frozen=True, slots=True)
class Delivered:
    files: tuple[Path, ...]
    summary: str = "picked: nothing, it is a fake"


def translate(video: Path, run: Runner) -> Artefact:
    source = run(ingest, video)
    faces = run(track_faces, source)
    heard = run(transcribe, source)
    said = run(translate_text, heard)
    clips = run(synthesise, said, source)
    cast = run(match_faces, heard, faces)
    frames = run(sync_lips, source, clips, cast)
    return run(deliver, source, frames)


def prepare(video: Path, config: Config, runner: Callable[[Config], Runner]) -> Plan:
    if config.languages.source is None:  # as the real one: hear it first
        run = runner(config)
        run(transcribe, run(ingest, video))
    return Plan(config)


def finish(result: Artefact, _plan: Plan, store: Store, output: Path) -> Delivered:
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_suffix(".part")
    temporary.write_bytes(store.path(result, PAYLOAD).read_bytes())
    temporary.replace(output)
    captions = output.with_suffix(".srt")
    captions.write_text(f"{result.key}\n")
    return Delivered((output, captions))


def is_delivered(result: Artefact, _plan: Plan, store: Store, output: Path) -> bool:
    captions = output.with_suffix(".srt")
    return (
        output.is_file()
        and captions.is_file()
        and output.read_bytes() == store.path(result, PAYLOAD).read_bytes()
        and captions.read_text() == f"{result.key}\n"
    )


def look(video: Path, _config: Config) -> None:
    if "no video" in video.read_text():
        raise InputError("it is no video")


def recipe() -> Recipe:
    stages = (
        ingest,
        track_faces,
        transcribe,
        translate_text,
        synthesise,
        match_faces,
        sync_lips,
        deliver,
    )
    return Recipe(prepare, translate, finish, is_delivered, stages, look)
