"""Gather the speakers' own mouths; they serve every language that the video is dubbed into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from f2f.config import Config
from f2f.faces.active_speaker import Scene
from f2f.faces.casting import cast_most_prominent
from f2f.lips.gathering import MOST_BYTES, Gatherer
from f2f.lips.mouth_bank import MouthBank
from f2f.media import frames
from f2f.stages.adopt_speech import adopt_speech
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import Cast, FaceTracks, Transcript, VideoInfo

_NOBODY = -1
"""Segment that is nobody's: the most prominent faces, where nobody at all was heard."""


def _packages(_config: Config) -> tuple[str, ...]:
    return ("av", "numpy", "opencv-python-headless")


@stage(version=1, settings=lambda config: config.lips.enabled, packages=_packages)
def gather_mouths(
    work: Work, source: Artefact, cast: Artefact, faces: Artefact, heard: Artefact
) -> None:
    """source, Cast, FaceTracks, what is heard (a transcript or an adopted recording) → MouthBank
    and its pictures.

    Tracks whose words are the same speaker's are one person.
    """
    if not work.config.lips.enabled:
        work.write(MouthBank(()))
        return
    info, found = work.read(source, VideoInfo), work.read(faces, FaceTracks)
    speakers: Mapping[int, str] = {}
    if heard.stage != adopt_speech.name:
        speakers = {one.id: one.speaker for one in work.read(heard, Transcript).segments}
    known = work.read(cast, Cast)
    if not known.entries:
        scene = Scene(found, info.size, info.fps, info.frames, motion={})
        known = cast_most_prominent(_NOBODY, scene)
    people = _people(known, speakers)
    tracks = {track.id: track for track in found.tracks}
    gatherers = [
        Gatherer(
            number,
            [tracks[one] for one in person],
            work.folder,
            share=MOST_BYTES // len(people),
        )
        for number, person in enumerate(people)
    ]
    last = max((tracks[one].frames.stop for person in people for one in person), default=0)
    for number, frame in enumerate(frames(work.path(source, info.path), info, count=last)):
        for gatherer in gatherers:
            gatherer.see(number, frame)
        work.advance(number + 1, last)
    done = [gatherer.finish() for gatherer in gatherers]
    work.write(
        MouthBank(
            people=tuple(mouths for mouths, _ in done),
            covered=tuple(run for _, runs in done for run in runs),
        )
    )


def _people(cast: Cast, speakers: Mapping[int, str]) -> Sequence[tuple[int, ...]]:
    """Ids of the tracks of each person: those that speak for one speaker most of the time.

    Where nothing says whose words they are, every track is a person of its own.
    """
    votes: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in cast.entries:
        speaker = speakers.get(entry.segment_id, f"track {entry.track_id}")
        votes[entry.track_id][speaker] += 1
    people: dict[str, list[int]] = defaultdict(list)
    for track, counted in sorted(votes.items()):
        people[max(counted, key=lambda name: counted[name])].append(track)
    return [tuple(tracks) for tracks in people.values()]
