"""Corrections on a real dub: what they change, and that they change nothing else."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import three_lines

from f2f import job, pipeline
from f2f.config import Config
from f2f.delivery.dub import DubbedSpeech
from f2f.edits import book
from f2f.edits.book import Book
from f2f.edits.changes import Change, Delete, Hear, Merge, Say, Split, Time, Voice
from f2f.errors import InputError
from f2f.lips.mouths import MOUTHS, Lips
from f2f.plan import Plan
from f2f.store.artefacts import Artefact, Store
from f2f.store.digests import digest_file
from f2f.store.stage import Plain
from f2f.types import Clips, Span, SpeechTrack, Transcript

FPS = 30
AROUND = 0.3
"""Seconds of fading before and after speech."""

pytestmark = [pytest.mark.slow, pytest.mark.assets]


@dataclass(frozen=True)
class Spoken:
    """The speech of a dub."""

    speech: DubbedSpeech
    store: Store

    def clips(self) -> dict[int, str]:
        """Line → digest of its sound."""
        return {
            clip.segment_id: digest_file(self.store.path(self.speech.clips, clip.audio))
            for clip in self.store.read(self.speech.clips, Clips).clips
        }

    def said(self) -> dict[int, str]:
        """Line → its text."""
        said = self.store.read(self.speech.said, Transcript)
        return {one.id: one.text for one in said.segments}

    def placed(self) -> dict[int, Span]:
        """Line → when it is spoken."""
        track = self.store.read(self.speech.speech, SpeechTrack)
        return {one.segment_id: one.span for one in track.placements}


@dataclass(frozen=True)
class Made(Spoken):
    """A whole dub, and the file that it was delivered as."""

    frames: Artefact
    video: Path
    ran: tuple[str, ...]

    def mouths(self) -> dict[int, str]:
        """Frame → digest of its new mouth."""
        lips = self.store.read(self.frames, Lips)
        size = lips.size**2 * 3
        data = self.store.path(self.frames, MOUTHS).read_bytes()
        return {
            mouth.frame: hashlib.sha256(data[number * size : (number + 1) * size]).hexdigest()
            for number, mouth in enumerate(lips.mouths)
        }


class Desk:
    """Dubs of one clip under different edits."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clip = folder, three_lines.clip()
        self.plain = self.dub()
        heard = self.plain.store.read(self.plain.speech.heard, Transcript)
        self.hearing = book.hearing_of(heard)
        self.lines = [segment.id for segment in heard.segments]

    def dub(self, *edits: Change, options: Config | None = None, name: str = "talk") -> Made:
        """The whole dub under edits."""
        run, ready = self._ready(edits, options or three_lines.options(self.folder))
        dub = pipeline.translate(self.clip, run)
        job.finish(dub, ready, run.store, video := self.folder / f"{name}.pt.mp4")
        return Made(dub.spoken, run.store, dub.frames, video, tuple(run.ran))

    def speech(self, *edits: Change) -> Spoken:
        """Its sound alone."""
        run, _ = self._ready(edits, three_lines.options(self.folder))
        return Spoken(pipeline.dub(self.clip, run), run.store)

    def _ready(self, edits: tuple[Change, ...], config: Config) -> tuple[Plain, Plan]:
        if edits:
            path = self.folder / "talk.edits.yaml"
            path.unlink(missing_ok=True)
            book.write(path, Book("pt", self.hearing, 1, edits), seen=0)
            review = config.review.model_copy(update={"edits": path})
            config = config.model_copy(update={"review": review})
        run = Plain(config, job.open_store(config))
        ready = job.prepare(self.clip, config, run.with_config)
        return run.with_config(ready.config), ready


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("edits"))


def test_a_changed_text_speaks_one_line_and_moves_only_its_mouths(desk: Desk) -> None:
    first, line = desk.plain, desk.lines[1]
    made = desk.dub(Say(line=line, text="Trabalho na universidade."), name="changed")
    assert made.said() == {**first.said(), line: "Trabalho na universidade."}
    changed = {number for number in desk.lines if made.clips()[number] != first.clips()[number]}
    assert changed == {line}
    assert not {"transcribe", "translate_text", "track_faces", "match_faces"} & set(made.ran)
    old, new = first.mouths(), made.mouths()
    frames = {frame for frame in old.keys() | new.keys() if old.get(frame) != new.get(frame)}
    moved = [one for one in desk.lines if made.placed()[one] != first.placed()[one]]
    spans = [spoken.placed()[one] for spoken in (first, made) for one in moved]
    outside = [
        frame
        for frame in sorted(frames)
        if not any(span.start - AROUND <= frame / FPS <= span.end + AROUND for span in spans)
    ]
    assert line in moved
    assert frames
    assert outside == []


def test_without_its_edits_the_file_is_what_it_was(desk: Desk) -> None:
    again = desk.dub(name="again")
    assert digest_file(again.video) == digest_file(desk.plain.video)
    assert "sync_lips" not in again.ran


def test_the_same_edits_give_the_same_file_in_an_empty_store(desk: Desk, tmp_path: Path) -> None:
    edits = Say(line=desk.lines[0], text="Olá, eu sou o João.")
    made = desk.dub(edits, name="here")
    shutil.copy(desk.folder / "talk.en.srt", tmp_path)
    afresh = desk.dub(edits, options=three_lines.options(tmp_path), name="afresh")
    assert digest_file(made.video) == digest_file(afresh.video)
    assert digest_file(made.video) != digest_file(desk.plain.video)


def test_what_was_heard_is_translated_anew_for_its_own_line_alone(desk: Desk) -> None:
    line = desk.lines[2]
    made = desk.speech(Hear(line=line, text="I like this house."))
    assert "casa" in made.said()[line].lower()
    assert {**made.said(), line: ""} == {**desk.plain.said(), line: ""}
    heard = made.store.read(made.speech.heard, Transcript)
    assert [one.text for one in heard.segments if one.id == line] == ["I like this house."]


def test_lines_are_cut_joined_moved_and_taken_out(desk: Desk) -> None:
    one, two, three = desk.lines
    cut = Split(
        line=one, moment=0.9, new=90, heard=("Hi,", "I am John."), said=("Oi,", "sou João.")
    )
    made = desk.speech(cut, Delete(line=three), Time(line=two, start=2.0, end=3.4))
    assert made.said() == {one: "Oi,", 90: "sou João.", two: desk.plain.said()[two]}
    placed = made.store.read(made.speech.placed, Transcript)
    spans = {segment.id: segment.span for segment in placed.segments}
    assert (spans[two].start, spans[90].end) == (2.0, 1.7)
    joined = desk.speech(Merge(line=two, other=three))
    assert set(joined.said()) == {one, two}
    assert len(joined.said()[two]) > len(desk.plain.said()[two])


def test_a_speaker_gets_another_voice(desk: Desk) -> None:
    said = desk.plain.store.read(desk.plain.speech.said, Transcript)
    made = desk.speech(Voice(speaker=said.segments[0].speaker, voice="pf_dora"))
    clips = made.store.read(made.speech.clips, Clips)
    assert {clip.voice for clip in clips.clips} == {"pf_dora"}


def test_a_line_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="no line 77"):
        desk.speech(Say(line=77, text="a"))
