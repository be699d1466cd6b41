"""What was heard, in the target language."""

from __future__ import annotations

from f2f.backends import resolve
from f2f.config import Config
from f2f.errors import InputError
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.translation import constrained_translator, human_translation, transcript_translation
from f2f.types import Transcript, VideoInfo


def translator(config: Config) -> str | None:
    """Which weights translate; None where a person did."""
    if config.translation.translation is not None:
        return None
    return str(resolve("translation", config.translation.backend).identity(config))


@stage(
    version=2,
    settings=lambda config: (
        config.languages.target,
        config.translation,
        translator(config),
        config.timing.min_stretch,
    ),
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
        end = work.read(source, VideoInfo).lasts
        work.write(human_translation.read(file, transcript, target, end=end))
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
