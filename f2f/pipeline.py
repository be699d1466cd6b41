"""The order of the stages, written once; `run` binds configuration and store."""

from __future__ import annotations

from pathlib import Path

from f2f.delivery.dub import Dub, DubbedSpeech
from f2f.stages.adopt_speech import adopt_speech
from f2f.stages.align import align
from f2f.stages.deliver import deliver
from f2f.stages.gather_mouths import gather_mouths
from f2f.stages.ingest import ingest
from f2f.stages.match_faces import match_faces
from f2f.stages.mix import mix
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
    cast = run(match_faces, source, spoken.heard, faces)
    bank = run(gather_mouths, source, cast, faces, spoken.heard)
    texts = (spoken.said, spoken.heard)
    frames = run(sync_lips, source, spoken.speech, cast, faces, bank, *texts)
    result = run(deliver, source, frames, bank, spoken.sound, spoken.speech, *texts)
    return Dub(spoken, faces, cast, bank, frames, result)


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
    bank = run(gather_mouths, source, cast, faces, speech)
    frames = run(sync_lips, source, speech, cast, faces, bank)
    return run(deliver, source, frames, bank, sound, speech)


def _dub(source: Artefact, run: Runner) -> DubbedSpeech:
    heard = run(hear, source)
    translated = run(translate_text, heard, source)
    first = run(synthesise, translated, source)
    said = run(shorten_text, heard, translated, first, source)
    clips = run(synthesise, said, source)  # only what became shorter is spoken again
    speech = run(align, clips, said, heard, source)
    sound = run(mix, speech, source, heard)
    return DubbedSpeech(source, heard, translated, said, clips, speech, sound)
