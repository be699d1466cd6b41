"""How much speaks for each face being each speaker's: synchrony, motion, and the person.

A speaker's mouth fits the sound (synchrony); it moves while the speaker is heard (activity), more
than while others are (contrast), and more than the other mouths in the picture (share).  Tracks
whose clothes are alike are one person, whose evidence counts in every shot; speakers and people are
matched over the whole video.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import squareform

from f2f.faces.mouth_motion import Motion, likeness
from f2f.faces.synchrony import Synchrony, in_sync
from f2f.media.timeline import frames_of, frames_until
from f2f.types import FaceTrack, FaceTracks, Segment

Mask = npt.NDArray[np.bool_]
"""(frames,) of the video."""

SAME_PERSON = 0.7
"""Likeness of the clothes from which two tracks of different shots are one person."""
KNOWN = 0.15
"""What it adds that speaker and person belong together over the whole video."""
ENOUGH_FRAMES = 8
"""Frames from which a mean of the mouth's motion means something."""
STILL = 0.15
"""Mean change, in grey levels, below which a mouth does not speak: a codec's noise is 0.01, a
mumble 0.7."""
ACTIVE = 75.0
"""Percentile of all mouths' means during speech that counts as plainly speaking."""
SYNCHRONY = 0.65
"""Weight of the synchrony beside the motion: without it no motion makes a speaker."""
OUT_OF_SYNC = -0.75
"""Synchrony (−1..1) down to which a known speaker's moving mouth may still be speaking."""
TOGETHER = 0.5
"""Seconds that two tracks must share to be two people in one picture, and not a cross-fade."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What casting knows of the picture."""

    faces: FaceTracks
    size: tuple[int, int]
    """Width and height of the frames."""
    fps: Fraction
    frames: int
    motion: Mapping[int, Motion]
    """Track id → motion; empty where nothing needs to be asked of the mouths."""
    synchrony: Mapping[int, Synchrony] = field(default_factory=dict)
    """Track id → how its mouth fits the sound; empty where that was not measured."""


class Evidence:
    """How much speaks for each face being each speaker's."""

    def __init__(self, segments: Sequence[Segment], scene: Scene) -> None:
        self.scene = scene
        self.speaks = speaking(segments, scene)
        self._alone = alone(self.speaks)
        self._person = people(scene)
        self._tracks = {track.id: track for track in scene.faces.tracks}
        means = [
            mean
            for number in scene.motion
            for speaker in self.speaks
            if (mean := self._mean([number], self._alone[speaker])) is not None
        ]
        self._active = max(STILL, float(np.percentile(means, ACTIVE))) if means else STILL
        self._belong = self._belonging()

    def _belonging(self) -> set[tuple[str, tuple[int, ...]]]:
        """Speakers and people (as the ids of their tracks), each at most once."""
        people, speakers = sorted(set(self._person.values())), sorted(self.speaks)
        known = np.array(
            [[self._person_is(name, person) for person in people] for name in speakers]
        )
        if known.size == 0:
            return set()
        rows, columns = linear_sum_assignment(known, maximize=True)
        return {(speakers[row], people[column]) for row, column in zip(rows, columns, strict=True)}

    def _person_is(self, speaker: str, tracks: tuple[int, ...]) -> float:
        parts = self._parts(speaker, tracks)
        return _weighed(float(np.mean(parts)) if parts else 0.0, self._fits(speaker, tracks))

    def of(self, speaker: str, track: FaceTrack, group: Sequence[FaceTrack]) -> float:
        """About 0..1: what is known from this track and from the person at large."""
        alone = self._parts(speaker, [track.id])
        if alone and len(group) > 1:
            alone.append(self._share(speaker, track, group))
        person = self._parts(speaker, self._person[track.id])
        known = [float(np.mean(parts)) for parts in (alone, person) if parts]
        belong = KNOWN if (speaker, self._person[track.id]) in self._belong else 0.0
        moves = float(np.mean(known)) + belong if known else 0.0
        return _weighed(moves, self.synchrony(speaker, track))

    def synchrony(self, speaker: str, track: FaceTrack) -> float | None:
        """−1..1: how surely the mouth speaks what the speaker is heard to say; of the person where
        the track is too short to tell, None where the person's tracks are too."""
        own = self._fits(speaker, [track.id])
        return self._fits(speaker, self.person(track)) if own is None else own

    def judged(self, speaker: str) -> bool:
        """True if some face was seen long enough to tell whether it is this speaker's."""
        return any(self.synchrony(speaker, track) is not None for track in self.scene.faces.tracks)

    def _fits(self, speaker: str, tracks: Sequence[int]) -> float | None:
        measured = [
            self.scene.synchrony[number] for number in tracks if number in self.scene.synchrony
        ]
        return in_sync(measured, self._alone[speaker])

    def person(self, track: FaceTrack) -> tuple[int, ...]:
        """Whose face it is, as the ids of all tracks of that person."""
        return self._person.get(track.id, (track.id,))

    def may_speak(self, speaker: str, track: FaceTrack) -> bool:
        """True if the mouth moves while the speaker is heard, and not plainly to something else."""
        during = self._mean([track.id], self._alone[speaker])
        fits = self._fits(speaker, [track.id])
        return during is not None and during >= STILL and (fits is None or fits > OUT_OF_SYNC)

    def _parts(self, speaker: str, tracks: Sequence[int]) -> list[float]:
        """Activity and contrast of some tracks taken as one face; empty if unknown."""
        during = self._mean(tracks, self._alone[speaker])
        if during is None:
            return []
        if during < STILL:
            return [0.0]
        parts = [min(1.0, during / self._active)]
        otherwise = self._mean(tracks, ~self.speaks[speaker])
        if otherwise is not None and during + otherwise > 0:
            parts.append(during / (during + otherwise))
        return parts

    def _share(self, speaker: str, track: FaceTrack, group: Sequence[FaceTrack]) -> float:
        """The part of all mouths' motion that is this mouth's."""
        means = {
            member.id: self._mean([member.id], self._alone[speaker]) or 0.0 for member in group
        }
        total = sum(means.values())
        return means[track.id] / total if total > 0 else 0.0

    def _mean(self, tracks: Sequence[int], when: Mask) -> float | None:
        """Mean motion of the mouths in some frames; None if there are too few."""
        values = np.concatenate(
            [
                self.scene.motion[number].mouth[when[_slice(self._tracks[number])]]
                for number in tracks
            ]
        )
        return float(values.mean()) if len(values) >= ENOUGH_FRAMES else None


def _weighed(moves: float, fits: float | None) -> float:
    return moves if fits is None else (1 - SYNCHRONY) * moves + SYNCHRONY * max(0.0, fits)


def company(track: FaceTrack, faces: FaceTracks, fps: Fraction) -> list[FaceTrack]:
    """The tracks that are seen together with this one, itself included."""
    return [other for other in faces.tracks if other is track or _together(other, track, fps)]


def _together(one: FaceTrack, other: FaceTrack, fps: Fraction) -> bool:
    start = max(one.frames.start, other.frames.start)
    stop = min(one.frames.stop, other.frames.stop)
    shortest = min(len(one.frames), len(other.frames), frames_until(TOGETHER, fps))
    return stop - start >= shortest


def people(scene: Scene) -> dict[int, tuple[int, ...]]:
    """Track id → ids of all tracks of the same person, by their clothes (average linkage)."""
    numbers = list(scene.motion)
    if len(numbers) < 2:
        return {number: (number,) for number in numbers}
    tracks = {track.id: track for track in scene.faces.tracks}
    apart = np.zeros((len(numbers), len(numbers)))
    for row, number in enumerate(numbers):
        for column, other in enumerate(numbers[:row]):
            two = _together(tracks[number], tracks[other], scene.fps)
            distance = 2.0 if two else 1 - likeness(scene.motion[number], scene.motion[other])
            apart[row, column] = apart[column, row] = distance
    labels = fcluster(linkage(squareform(apart), "average"), 1 - SAME_PERSON, "distance")
    return {
        number: tuple(n for n, theirs in zip(numbers, labels, strict=True) if theirs == label)
        for number, label in zip(numbers, labels, strict=True)
    }


def speaking(segments: Sequence[Segment], scene: Scene) -> dict[str, Mask]:
    """Speaker → (frames,), True where it is heard: by the words, else by the segments."""
    masks: dict[str, Mask] = {}
    for segment in segments:
        mask = masks.setdefault(segment.speaker, np.zeros(scene.frames, np.bool_))
        for span in [word.span for word in segment.words] or [segment.span]:
            run = frames_of(span, scene.fps, count=scene.frames)
            mask[run.start : run.stop] = True
    return masks


def alone(speaks: Mapping[str, Mask]) -> dict[str, Mask]:
    """Speaker → (frames,), True where nobody else is heard."""
    voices = np.sum(list(speaks.values()), axis=0) if speaks else 0
    return {name: mask & (voices == 1) for name, mask in speaks.items()}


def _slice(track: FaceTrack) -> slice:
    return slice(track.frames.start, track.frames.stop)
