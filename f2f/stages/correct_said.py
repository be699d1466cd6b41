"""What is to be said, as a person corrected it.

The machine's translation stays as it was, but for lines whose heard text a person changed; and
every speaker keeps the voice that the machine's draft gave him, unless a person gives him another:
a change of one line changes no other one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from f2f import listening
from f2f.backends.diarisation.speakers import describe
from f2f.config import Config
from f2f.edits import slices
from f2f.edits.lines import Lines
from f2f.stages.ingest import SPEECH
from f2f.stages.translate_text import packages, translation_settings, translator
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.translation import constrained_translator, corrected_translation, transcript_translation
from f2f.types import Clips, Segment, Speaker, Transcript, VideoInfo


@stage(
    version=1,
    settings=lambda config: (
        slices.everything(config),
        translation_settings(config),
        config.timing.min_stretch,
    ),
    packages=lambda config: ("numpy", "pyyaml", "scipy", *packages(config)),
)
def correct_said(
    work: Work, heard: Artefact, said: Artefact, clips: Artefact, source: Artefact
) -> None:
    """heard, its translation, its clips, source → the translation to be spoken.

    Raises:
        InputError: a change cannot be made, was made on another hearing, or needs a translation
            where a person's file stands in for a translator.
    """
    transcript, texts = work.read(heard, Transcript), work.read(said, Transcript)
    edits = slices.of(work.config)
    lines = slices.applied(transcript, edits, edits.changes)
    translate = None
    if translator(work.config) is not None:
        translate = partial(_translated, work.config, lines, texts.language)
    segments = corrected_translation.correct(transcript, texts, lines, translate)
    voices = _voices(texts, work.read(clips, Clips)) | dict(lines.voices)
    speakers = _speakers(work, source, texts, segments)
    work.write(
        Transcript(
            texts.language,
            segments,
            tuple(replace(one, voice=voices.get(one.id)) for one in speakers),
        )
    )


def _translated(
    config: Config, lines: Lines, target: str, heard: Transcript, wanted: frozenset[int]
) -> dict[int, str]:
    with constrained_translator.opened(
        config, heard.language, target, terms=lines.terms
    ) as renderer:
        return transcript_translation.translate_some(
            heard, wanted, renderer, quickest=config.timing.min_stretch
        )


def _voices(said: Transcript, clips: Clips) -> dict[str, str]:
    """The draft's voices by speaker."""
    speakers = {segment.id: segment.speaker for segment in said.segments}
    return {speakers[clip.segment_id]: clip.voice for clip in clips.clips}


def _speakers(
    work: Work, source: Artefact, draft: Transcript, segments: tuple[Segment, ...]
) -> tuple[Speaker, ...]:
    """The draft's speakers, and those whom only the person names, with what the source tells."""
    known = {speaker.id: speaker for speaker in draft.speakers}
    theirs = [segment for segment in segments if segment.speaker not in known]
    if not theirs:
        return draft.speakers
    if not work.read(source, VideoInfo).has_audio:
        names = dict.fromkeys(segment.speaker for segment in theirs)
        return (*draft.speakers, *map(Speaker, names))
    with listening.sound_of(work.path(source, SPEECH)) as sound:
        return (*draft.speakers, *describe(sound, theirs))
