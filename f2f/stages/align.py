"""Place the clips in time and make one track of them."""

from __future__ import annotations

import logging

import soundfile

from f2f.media.timeline import duration_in_samples
from f2f.roles import Samples
from f2f.store import values
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.timing import planner, speech_track, word_map
from f2f.timing.speech_track import RATE
from f2f.timing.stretch import stretch
from f2f.types import Clips, Placement, SpeechTrack, Transcript, VideoInfo

log = logging.getLogger(__name__)

AUDIO, FIGURES, LEDGER = "speech.wav", "timing.json", "ledger.json"
"""The track; `ledger.Figures`; a list of `ledger.Entry`, one a word of the source."""


@stage(version=1, settings=lambda config: config.timing)
def align(work: Work, clips: Artefact, said: Artefact, heard: Artefact, source: Artefact) -> None:
    """clips, their texts, what was heard, source → SpeechTrack."""
    info = work.read(source, VideoInfo)
    texts = work.read(said, Transcript)
    made = work.read(clips, Clips)
    spoken = {clip.segment_id: clip for clip in made.clips}
    utterances = planner.utterances(texts, made)
    plan = planner.plan(utterances, options=work.config.timing, end=info.lasts)

    def render(placement: Placement, samples: int) -> Samples:
        clip = spoken[placement.segment_id]
        sound, rate = soundfile.read(work.path(clips, clip.audio), dtype="float32")
        return stretch(sound, rate, length=samples, output_rate=RATE)

    whole = duration_in_samples(info.frames, info.fps, RATE)
    samples = speech_track.length(plan) if info.still else whole
    speech_track.write(work.folder / AUDIO, plan, render, samples=samples)
    entries = word_map.ledger(work.read(heard, Transcript), plan, said=texts)
    figures = word_map.measure(utterances, plan, said=texts, entries=entries)
    if figures.dropped:
        log.warning("%d of %d words have no place in the result", figures.dropped, figures.words)
    values.write(figures, work.folder / FIGURES)
    values.write(entries, work.folder / LEDGER)
    work.write(SpeechTrack(placements=plan, audio=AUDIO, sample_rate=RATE))
