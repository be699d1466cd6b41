"""What the worker process does for a project: look, translate, speak a line, render."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from f2f import job, pipeline
from f2f.backends import resolve
from f2f.config import Config
from f2f.delivery import origins, report
from f2f.delivery.dub import Dub
from f2f.delivery.origins import Origin
from f2f.errors import F2FError
from f2f.plan import Plan
from f2f.review import peaks
from f2f.review.projects import Project
from f2f.roles import Synthesiser
from f2f.stages.ingest import SOUND, ingest
from f2f.stages.synthesise import speak_line
from f2f.store.artefacts import Artefact, Store
from f2f.store.digests import digest_file
from f2f.store.stage import Input, Plain, Progress, Stage, Work
from f2f.timing import planner
from f2f.types import Clips, FaceTracks, Transcript, VideoInfo
from f2f.voices.spoken_line import AUDIO


class UnfinishedError(F2FError):
    """Something must be made first that was only to be looked for."""


@dataclass(frozen=True)
class Looking:
    """A runner that finds what is there and makes nothing."""

    config: Config
    store: Store

    def __call__(self, stage: Stage, *inputs: Input) -> Artefact:
        """The stage's artefact.

        Raises:
            UnfinishedError: it is not there.
        """
        artefact = stage.artefact(self.config, *inputs)
        if not self.store.has(artefact):
            raise UnfinishedError(f"{stage.name} has not been done yet")
        return artefact

    def with_config(self, config: Config) -> Looking:
        """The same with another configuration."""
        return replace(self, config=config)


class Voicebox:
    """A synthesiser that stays loaded between two lines."""

    def __init__(self) -> None:
        self._open = contextlib.ExitStack()
        self._key = ""
        self._synthesiser: Synthesiser | None = None

    def of(self, config: Config) -> Synthesiser:
        """The one of a configuration without `auto`."""
        key = config.speech.model_dump_json()
        if key != self._key or self._synthesiser is None:
            self._open.close()
            self._open = contextlib.ExitStack()
            backend = resolve("speech", config.speech.backend)
            self._synthesiser = self._open.enter_context(backend(config))
            self._key = key
        return self._synthesiser


class Bench:
    """A project in the worker's hands.

    Args:
        project: the project.
        progress: told how far the stages are.
        voicebox: keeps the synthesiser loaded.
    """

    def __init__(self, project: Project, progress: Progress, voicebox: Voicebox) -> None:
        self.project, self.progress, self.voicebox = project, progress, voicebox
        self.store = job.open_store(project.config)

    def look(self) -> dict[str, Any]:
        """What is there already, without making anything."""
        book = self.project.book()
        try:
            state = self._drafted(Looking(self.project.config, self.store))
        except UnfinishedError:
            return self.project.put(status="new")
        try:
            run = Looking(self._edited(book.version), self.store)
            ready = job.prepare(self.project.source, run.config, run.with_config)
            dub = pipeline.translate(self.project.source, run.with_config(ready.config))
        except UnfinishedError:
            return self.project.put(status="rendered" if state.get("made") else "draft")
        return self._shown(dub, ready, book.version)

    def settle(self) -> dict[str, Any]:
        """The machine's texts of lines whose source a person changed."""
        book, run, source = self._ready()
        last = pipeline.draft(source, run)
        said = pipeline.corrected_text(last, source, run)
        texts = {str(one.id): one.text for one in self.store.read(said, Transcript).segments}
        return self.project.put(texts=texts, texts_of=book.version)

    def speak(self, number: int) -> dict[str, Any]:
        """One line's new sound, and how it fits into its time."""
        started = time.monotonic()
        _, run, source = self._ready()
        last = pipeline.draft(source, run)
        said = pipeline.corrected_text(last, source, run)
        with tempfile.TemporaryDirectory() as folder:
            work = Work("synthesise", Path(folder), run.config, self.store)
            line, clip = speak_line(
                work, said, source, number, synthesiser=self.voicebox.of(run.config)
            )
        texts = self.store.read(said, Transcript)
        draft = self.store.read(last.clips, Clips)
        known = {one.segment_id: one for one in draft.clips}
        spoken = [
            replace(clip, segment_id=number) if one.id == number else known[one.id]
            for one in texts.segments
            if one.id == number or one.id in known
        ]
        info = self.store.read(source, VideoInfo)
        clips = Clips(draft.language, draft.backend, tuple(spoken))
        timing = run.config.timing
        plan = planner.plan(planner.timed_clips(texts, clips), options=timing, end=info.lasts)
        (placed,) = [one for one in plan if one.segment_id == number]
        sounds = self.project.folder / "lines"
        sounds.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.store.path(line, AUDIO), sounds / f"{line.key}.wav")
        over = clip.duration - placed.span.duration / timing.min_stretch
        (text,) = [one.text for one in texts.segments if one.id == number]
        return {
            "line": number,
            "sound": line.key,
            "text": text,
            "voice": clip.voice,
            "duration": round(clip.duration, 2),
            "placed": [round(placed.span.start, 2), round(placed.span.end, 2)],
            "stretch": round(placed.stretch, 3),
            "over": round(max(0.0, over), 2),
            "letters": int(len(text) * placed.stretch / timing.min_stretch),
            "flags": [*clip.flags, *placed.flags],
            "seconds": round(time.monotonic() - started, 2),
        }

    def render(self) -> dict[str, Any]:
        """The whole file, as the command line makes it of the same edits."""
        book, run, _ = self._ready()
        project = self.project
        job.check_file(project.source)
        ready = job.prepare(project.source, run.config, run.with_config)
        dub = pipeline.translate(project.source, run.with_config(ready.config))
        outcome = job.finish(dub, ready, self.store, project.output)
        given = project.edits if project.edits.exists() else None
        review = project.config.review.model_copy(update={"edits": given})
        config = project.config.model_copy(update={"review": review})
        origins.remember(digest_file(outcome.files[0]), Origin(project.source, config))
        self._drafted(run.with_config(project.config))
        project.put(file=str(outcome.files[0]))
        return self._shown(dub, ready, book.version)

    def _ready(self) -> tuple[Any, Plain, Artefact]:
        """The edits as they are now, in a file that stays so, and a runner under them."""
        book = self.project.book()
        config = self._edited(book.version)
        plain = Plain(config, self.store, self.progress)
        ready = job.prepare(self.project.source, config, plain.with_config)
        run = plain.with_config(ready.config)
        return book, run, run(ingest, self.project.source)

    def _edited(self, version: int) -> Config:
        if not self.project.edits.exists():
            return self.project.config
        kept = self.project.folder / "edits" / f"{version}.yaml"
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.project.edits, kept)
        review = self.project.config.review.model_copy(update={"edits": kept})
        return self.project.config.model_copy(update={"review": review})

    def _drafted(self, runner: Any) -> dict[str, Any]:
        """Where the machine's own dub lies."""
        source_file = self.project.source
        ready = job.prepare(source_file, self.project.config, runner.with_config)
        run = runner.with_config(ready.config)
        source = run(ingest, source_file)
        last = pipeline.draft(source, run)
        info = self.store.read(source, VideoInfo)
        shown = self.project.folder / "source.peaks.json"
        if info.has_audio and not shown.exists():
            peaks.write(self.store.path(source, SOUND), shown)
        voices = resolve("speech", ready.config.speech.backend).voices(
            ready.config.languages.target or "", ready.config
        )
        return self.project.put(
            draft={"heard": str(last.heard), "said": str(last.said), "source": str(source)},
            draft_voices=_voices(self.store, last.said, last.clips),
            voices=[voice.name for voice in voices],
            translator=ready.config.translation.backend,
            duration=info.duration,
            fps=float(info.fps),
            size=list(info.size),
        )

    def _shown(self, dub: Dub, ready: Plan, version: int) -> dict[str, Any]:
        """Where the parts of a finished dub lie, for the page."""
        spoken = dub.spoken
        peaks.write(self.store.path(spoken.sound, SOUND), self.project.folder / "dub.peaks.json")
        faces = self.store.read(dub.faces, FaceTracks).tracks
        refs = {
            "said": str(spoken.said),
            "clips": str(spoken.clips),
            "speech": str(spoken.speech),
            "cast": str(dub.cast),
            "frames": str(dub.frames),
            "result": str(dub.result),
            "faces": "yes" if faces else "",
        }
        seconds = {
            one.stage: float(self.store.meta(one)["seconds"]) for one in report.artefacts(dub)
        }
        del ready
        return self.project.put(
            status="rendered", made=refs, made_of=version, seconds=seconds, failed=None
        )


def _voices(store: Store, said: Artefact, clips: Artefact) -> Mapping[str, str]:
    speakers = {one.id: one.speaker for one in store.read(said, Transcript).segments}
    return {speakers[one.segment_id]: one.voice for one in store.read(clips, Clips).clips}
