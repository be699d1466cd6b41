"""What was heard, in the target language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from f2f import listening
from f2f.backends import resolve
from f2f.backends.diarisation.speakers import describe
from f2f.config import Config
from f2f.errors import InputError
from f2f.roles import Translator
from f2f.stages.ingest import SPEECH
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.translation import constrained_translator, human_translation, transcript_translation
from f2f.types import Speaker, Transcript, VideoInfo


def translator(config: Config) -> type[Translator] | None:
    """Which backend translates; None where a person did."""
    if config.translation.translation is not None:
        return None
    return resolve("translation", config.translation.backend)


def translation_settings(config: Config) -> Any:
    """What decides a translation, of the whole or of what must be shorter."""
    backend = translator(config)
    weights = backend.identity(config) if backend is not None else None
    return config.languages.target, config.translation, weights


def packages(config: Config) -> tuple[str, ...]:
    """Whose versions are in a translation."""
    backend = translator(config)
    return backend.info.packages if backend is not None else ()


@stage(
    version=4,
    settings=lambda config: (translation_settings(config), config.timing.min_stretch),
    packages=packages,
)
def translate_text(work: Work, heard: Artefact, source: Artefact) -> None:
    """Write the Transcript in `languages.target`, by a translator's file or a backend.

    Raises:
        InputError: nobody speaks, so there is nothing to translate; or a translator's file cannot
            be used, or goes on after the video's end.
    """
    transcript = work.read(heard, Transcript)
    target = work.config.languages.target
    assert target is not None, "the plan has checked it"
    file = work.config.translation.translation
    if file is not None:
        info = work.read(source, VideoInfo)
        said = human_translation.read(file, transcript, target, end=info.lasts)
        work.write(_described(work, source, said) if info.has_audio else said)
        return
    if not transcript.segments:
        raise InputError(
            "nobody speaks in this video: give what is said with --transcript FILE, or a recording "
            "to speak with `f2f lipsync FACE SPEECH`"
        )
    with constrained_translator.opened(work.config, transcript.language, target) as speaker:
        said = transcript_translation.translate(
            transcript, speaker, quickest=work.config.timing.min_stretch, advance=work.advance
        )
    work.write(said)


def _described(work: Work, source: Artefact, said: Transcript) -> Transcript:
    """The transcript with what the source tells of speakers that only its translator names."""
    unknown = {speaker.id for speaker in said.speakers if speaker == Speaker(speaker.id)}
    if not unknown:
        return said
    theirs = [segment for segment in said.segments if segment.speaker in unknown]
    with listening.sound_of(work.path(source, SPEECH)) as sound:
        found = {speaker.id: speaker for speaker in describe(sound, theirs)}
    return replace(
        said, speakers=tuple(found.get(speaker.id, speaker) for speaker in said.speakers)
    )
