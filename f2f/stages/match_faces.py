"""Find out whose face speaks each segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from f2f.config import Config
from f2f.faces.active_speaker import Scene, alone, speaking
from f2f.faces.casting import cast, cast_most_prominent, needs_motion
from f2f.faces.choosing import cast_chosen
from f2f.faces.mouth_motion import Motion, measure
from f2f.faces.synchrony import SyncWatch
from f2f.lips import weights as lip_weights
from f2f.lips.mel_source import LipSound
from f2f.media import frames
from f2f.roles import Frame
from f2f.stages.adopt_speech import adopt_speech
from f2f.stages.ingest import SPEECH
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import Cast, FaceTracks, Segment, SpeechTrack, Transcript, VideoInfo
from lipsync.audio import MEL_16
from lipsync.checkpoint import load_expert
from lipsync.crops import with_chin


def _settings(config: Config) -> Any:
    looks = config.faces.doubtful == "leave"
    expert = lip_weights.sync_expert() if looks else None
    return (config.timing.max_shift, expert, config.faces.face)


@stage(
    version=6,
    settings=_settings,
    packages=lambda config: ("av", "numpy", "opencv-python-headless", "scipy", "torch"),
)
def match_faces(work: Work, source: Artefact, heard: Artefact, faces: Artefact) -> None:
    """source, what is heard, FaceTracks → Cast.

    `heard` is the transcript; or an adopted recording, which the source's mouths know nothing of,
    so that the face that was asked for speaks it, else the most prominent one.

    Raises:
        InputError: there is no such face as was asked for.
    """
    info, found = work.read(source, VideoInfo), work.read(faces, FaceTracks)
    scene = Scene(found, info.size, info.fps, info.frames, motion={})
    if heard.stage == adopt_speech.name:
        (placement,) = work.read(heard, SpeechTrack).placements
        work.write(_chosen(work, source, placement.segment_id, scene))
        return
    segments = work.read(heard, Transcript).segments
    work.write(
        cast(segments, _watched(work, source, segments, scene), reach=work.config.timing.max_shift)
    )


def _chosen(work: Work, source: Artefact, segment_id: int, scene: Scene) -> Cast:
    choice, info = work.config.faces.face, work.read(source, VideoInfo)
    if choice is None:
        return cast_most_prominent(segment_id, scene)
    if len(scene.faces.tracks) > 1:  # some may be one person's, which the clothes tell
        shown = frames(work.path(source, info.path), info)
        scene = replace(scene, motion=measure(shown, scene.faces.tracks))
    return cast_chosen(segment_id, choice, scene, original=info.original_size)


def _watched(work: Work, source: Artefact, segments: Sequence[Segment], scene: Scene) -> Scene:
    """The scene with all that must be known of its mouths, from one pass over the frames."""
    info, tracks = work.read(source, VideoInfo), scene.faces.tracks
    watch = None
    if work.config.faces.doubtful == "leave" and info.has_audio and segments and tracks:
        watch = SyncWatch(
            tracks,
            alone(speaking(segments, scene)),
            expert=load_expert(lip_weights.sync_expert()).model.eval(),
            hear=LipSound(work.path(source, SPEECH), fps=info.fps, form=MEL_16, offset=0).window,
            box_of=with_chin,
        )
    moves = needs_motion(segments, scene.faces)
    if watch is None and not moves:
        return scene
    shown = frames(work.path(source, info.path), info)
    seen = shown if watch is None else watch.watching(shown)
    motion = measure(seen, tracks) if moves else _drained(seen)
    return replace(scene, motion=motion, synchrony={} if watch is None else watch.found())


def _drained(shown: Iterator[Frame]) -> Mapping[int, Motion]:
    """No motion, after all frames have passed."""
    for _ in shown:
        pass
    return {}
