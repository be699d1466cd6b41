"""Find out whose face speaks each segment."""

from __future__ import annotations

from f2f.faces.active_speaker import Scene
from f2f.faces.casting import cast, cast_most_prominent, needs_motion
from f2f.faces.mouth_motion import measure
from f2f.media import frames
from f2f.stages.adopt_speech import adopt_speech
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import FaceTracks, SpeechTrack, Transcript, VideoInfo


@stage(version=3, settings=lambda config: config.timing.max_shift)
def match_faces(work: Work, source: Artefact, heard: Artefact, faces: Artefact) -> None:
    """source, what is heard, FaceTracks → Cast.

    `heard` is the transcript; or an adopted recording, which the source's mouths know nothing of,
    so that the most prominent face speaks it.
    """
    info, found = work.read(source, VideoInfo), work.read(faces, FaceTracks)
    scene = Scene(found, info.size, info.fps, info.frames, motion={})
    if heard.stage == adopt_speech.name:
        (placement,) = work.read(heard, SpeechTrack).placements
        work.write(cast_most_prominent(placement.segment_id, scene))
        return
    segments = work.read(heard, Transcript).segments
    if needs_motion(segments, found, info.fps):
        shown = frames(work.path(source, info.path), info)
        scene = Scene(found, info.size, info.fps, info.frames, measure(shown, found.tracks))
    work.write(cast(segments, scene, reach=work.config.timing.max_shift))
