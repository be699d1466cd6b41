"""The order of the stages, written once; `run` binds configuration and store."""

from __future__ import annotations

from pathlib import Path

from f2f.delivery.dub import Corrected, Draft, Dub, DubbedSpeech
from f2f.edits import slices
from f2f.stages.adopt_speech import adopt_speech
from f2f.stages.align import align
from f2f.stages.correct_heard import correct_heard
from f2f.stages.correct_said import correct_said
from f2f.stages.deliver import deliver
from f2f.stages.ingest import ingest
from f2f.stages.match_faces import match_faces
from f2f.stages.mix import mix
from f2f.stages.place_lines import place_lines
from f2f.stages.shorten_text import shorten_text
from f2f.stages.sync_lips import sync_lips
from f2f.stages.synthesise import synthesise
from f2f.stages.track_faces import track_faces
from f2f.stages.transcribe import transcribe as hear
from f2f.stages.translate_text import translate_text
from f2f.store.artefacts import Artefact
from f2f.store.stage import Runner, Stage


def translate(video: Path, run: Runner) -> Dub:
    """A talking-face video into another language."""
    source = run(ingest, video)
    faces = run(track_faces, source)
    spoken = _dub(source, run)
    cast = run(match_faces, source, spoken.placed, faces)
    frames = run(sync_lips, source, spoken.speech, cast, faces, spoken.said, spoken.heard)
    result = run(deliver, source, frames, spoken.sound, spoken.speech, spoken.said, spoken.heard)
    return Dub(spoken, faces, cast, frames, result)


def dub(video: Path, run: Runner, *, take: Stage = ingest) -> DubbedSpeech:
    """The speech branch alone: another language over the same background.

    Args:
        video: the file.
        run: runs a stage.
        take: `ingest`, or `ingest_sound` for a file without a picture.
    """
    return _dub(run(take, video), run)


def transcribe(video: Path, run: Runner, *, take: Stage = ingest) -> Artefact:
    """What is said in a video, or in a recording; see `dub`."""
    return run(hear, run(take, video))


def lipsync(face: Path, recording: Path, run: Runner) -> Artefact:
    """A face speaks a given recording."""
    source = run(ingest, face)
    faces = run(track_faces, source)
    speech = run(adopt_speech, recording, source)
    sound = run(mix, speech, source)
    cast = run(match_faces, source, speech, faces)
    frames = run(sync_lips, source, speech, cast, faces)
    return run(deliver, source, frames, sound, speech)


def draft(source: Artefact, run: Runner) -> Draft:
    """The machine's own dub, before a person's corrections: they are made on it, so that a change
    of one line leaves the others as they are."""
    heard = run(hear, source)
    translated = run(translate_text, heard, source)
    first = run(synthesise, translated, source)
    said = run(shorten_text, heard, translated, first, source)
    clips = run(synthesise, said, source)  # only what became shorter is spoken again
    return Draft(heard, translated, said, clips)


def corrected(made: Draft, source: Artefact, run: Runner) -> Corrected:
    """The draft under the corrections that the configuration names; the draft itself, if none."""
    placed = heard = made.heard
    if slices.shape(run.config) is not None:
        placed = run(place_lines, made.heard)
    if slices.heard(run.config) is not None:
        heard = run(correct_heard, made.heard)
    said = corrected_text(made, source, run)
    clips = made.clips if said == made.said else run(synthesise, said, source)
    return Corrected(placed, heard, said, clips)


def corrected_text(made: Draft, source: Artefact, run: Runner) -> Artefact:
    """What is to be said under the corrections; the draft's own, if there are none."""
    if slices.everything(run.config) is None:
        return made.said
    return run(correct_said, made.heard, made.said, made.clips, source)


def _dub(source: Artefact, run: Runner) -> DubbedSpeech:
    first = draft(source, run)
    last = corrected(first, source, run)
    speech = run(align, last.clips, last.said, last.heard, source)
    sound = run(mix, speech, source, last.heard)
    return DubbedSpeech(
        source=source,
        heard=last.heard,
        placed=last.placed,
        translated=first.translated,
        said=last.said,
        clips=last.clips,
        speech=speech,
        sound=sound,
    )
