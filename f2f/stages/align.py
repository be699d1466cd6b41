"""Place the clips in time and make one track of them."""

from __future__ import annotations

import logging

import soundfile

from f2f.media.timeline import duration_in_samples
from f2f.roles import Samples
from f2f.store import values
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.timing import figures, planner, speech_track, word_map
from f2f.timing.speech_track import RATE
from f2f.timing.stretch import stretch
from f2f.types import Clips, Placement, SpeechTrack, Transcript, VideoInfo

log = logging.getLogger(__name__)

AUDIO = "speech.wav"


@stage(
    version=2,
    settings=lambda config: config.timing,
    packages=lambda config: ("clarabel", "imageio-ffmpeg", "numpy", "scipy", "soundfile"),
)
def align(work: Work, clips: Artefact, said: Artefact, heard: Artefact, source: Artefact) -> None:
    """clips, their texts, what was heard, source → SpeechTrack, its word map and its figures."""
    info = work.read(source, VideoInfo)
    texts = work.read(said, Transcript)
    made = work.read(clips, Clips)
    spoken = {clip.segment_id: clip for clip in made.clips}
    timed = planner.timed_clips(texts, made)
    plan = planner.plan(timed, options=work.config.timing, end=info.lasts)

    def render(placement: Placement, samples: int) -> Samples:
        clip = spoken[placement.segment_id]
        sound, rate = soundfile.read(work.path(clips, clip.audio), dtype="float32")
        return stretch(sound, rate, length=samples, output_rate=RATE)

    whole = duration_in_samples(info.frames, info.fps, RATE)
    samples = speech_track.length(plan) if info.still else whole
    speech_track.write(work.folder / AUDIO, plan, render, samples=samples)
    words = word_map.map_words(work.read(heard, Transcript), plan, said=texts)
    measured = figures.measure(timed, plan, said=texts, words=words)
    if measured.dropped:
        log.warning("%d of %d words have no place in the result", measured.dropped, measured.words)
    values.write(measured, work.folder / figures.FILE)
    values.write(words, work.folder / word_map.FILE)
    work.write(SpeechTrack(placements=plan, audio=AUDIO, sample_rate=RATE))
