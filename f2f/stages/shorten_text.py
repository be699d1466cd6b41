"""Ask the translator, once, for shorter texts where the spoken clips do not fit their time."""

from __future__ import annotations

import logging

from f2f.stages.translate_text import packages, translation_settings
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.timing import planner
from f2f.translation import constrained_translator, transcript_translation
from f2f.types import Clips, Transcript, VideoInfo

log = logging.getLogger(__name__)


@stage(
    version=3,
    settings=lambda config: (translation_settings(config), config.timing),
    packages=lambda config: ("clarabel", "numpy", "scipy", *packages(config)),
)
def shorten_text(
    work: Work, heard: Artefact, said: Artefact, clips: Artefact, source: Artefact
) -> None:
    """What was heard, its translation, its clips, source → the translation to be spoken.

    It is the same translation where everything fits, and where a person made it.
    """
    info, texts = work.read(source, VideoInfo), work.read(said, Transcript)
    options = work.config.timing
    plan = planner.plan(
        planner.timed_clips(texts, work.read(clips, Clips)),
        options=options,
        end=info.lasts,
    )
    limits = {
        segment.id: int(len(segment.text) * factor)
        for segment in texts.segments
        if (factor := planner.too_long(plan, options=options).get(segment.id)) is not None
    }
    if not limits or work.config.translation.translation is not None:
        work.write(texts)
        return
    log.info("%d texts are too long for their time: asking for shorter ones", len(limits))
    transcript = work.read(heard, Transcript)
    with constrained_translator.opened(work.config, transcript.language, texts.language) as speaker:
        work.write(transcript_translation.shorten(transcript, texts, limits, speaker))
