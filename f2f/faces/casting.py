"""Whose face speaks each segment.

Mouths, sound and clothes tell (`faces.active_speaker`).  Speakers and people are matched over the
whole video, then speakers and the faces seen together, each time so that the sum of the evidence
is the highest: speaker and face stay together through the cuts.  Who was plainly seen to speak in
one shot needs only a moving mouth in another.  A speaker for whom there is too little is taken to
be out of the picture: a narrator's words are not put into a silent person's mouth, even if there
is but one voice and one face.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from f2f.faces.active_speaker import Evidence, Scene, company
from f2f.media.timeline import in_frames, time_of
from f2f.types import Cast, CastEntry, FaceTrack, FaceTracks, Segment

log = logging.getLogger(__name__)

Scores = npt.NDArray[np.float64]
"""(faces,), evidence for one speaker."""

ENOUGH = 0.5
"""Evidence (0..1) below which a speaker is taken to be out of the picture."""
NEAR_TIE = 0.25
"""Evidence by which the chosen face must lead for the choice to count as certain."""
PROMINENCE = 0.15
"""Weight of a face's size and place beside what its mouth does."""
_LISTED = 3
"""Passages that a warning names."""


def needs_motion(segments: Sequence[Segment], faces: FaceTracks) -> bool:
    """True if the mouths must be watched to know who speaks."""
    return len(faces.tracks) > 1 or len({segment.speaker for segment in segments}) > 1


def cast(segments: Sequence[Segment], scene: Scene, *, reach: float) -> Cast:
    """Whose face speaks what: an entry for each face that is seen while its speaker's clip may be
    heard; none for a segment that nobody in the picture speaks.

    Args:
        segments: with speakers, on the source's clock.
        scene: the picture.
        reach: seconds by which a clip may lie before or after its segment.
    """
    evidence = Evidence(segments, scene)
    near = {
        track.id: [segment for segment in segments if _seen(segment, track, scene.fps, reach)]
        for track in scene.faces.tracks
    }
    matches = [
        match
        for track in scene.faces.tracks
        if (match := _match(track, _speakers(near[track.id], track, scene.fps), evidence))
    ]
    sure = {
        (match.speaker, evidence.person(match.track)) for match in matches if match.known >= ENOUGH
    }

    def holds(match: _Match) -> bool:
        known_elsewhere = (match.speaker, evidence.person(match.track)) in sure
        return match.known >= ENOUGH or (
            known_elsewhere and evidence.may_speak(match.speaker, match.track)
        )

    entries = [
        CastEntry(segment.id, match.track.id, match.reason)
        for match in matches
        if holds(match)
        for segment in near[match.track.id]
        if segment.speaker == match.speaker
    ]
    _tell_left_alone(segments, entries, scene)
    return Cast(tuple(sorted(entries, key=lambda entry: (entry.segment_id, entry.track_id))))


def _tell_left_alone(
    segments: Sequence[Segment], entries: Sequence[CastEntry], scene: Scene
) -> None:
    """A warning where somebody is heard and a face is seen, and nobody in the picture speaks."""
    spoken = {entry.segment_id for entry in entries}
    alone = [
        segment.span
        for segment in segments
        if segment.id not in spoken
        and any(_seen(segment, track, scene.fps, 0.0) for track in scene.faces.tracks)
    ]
    if alone and scene.synchrony:
        shown = ", ".join(f"{span.start:.1f}–{span.end:.1f} s" for span in alone[:_LISTED])
        more = ", …" if len(alone) > _LISTED else ""
        log.warning(
            "whoever is seen at %s%s does not seem to speak what is heard: the lips stay as they "
            "are (--set faces.doubtful=move moves them)",
            *(shown, more),
        )


def cast_most_prominent(segment_id: int, scene: Scene) -> Cast:
    """For a recording that belongs to no face in particular: the largest and most central one."""
    chosen = (
        track
        for track in scene.faces.tracks
        if track
        is max(
            company(track, scene.faces, scene.fps),
            key=lambda face: _prominence(face, scene.size),
        )
    )
    return Cast(
        tuple(CastEntry(segment_id, track.id, "the most prominent face") for track in chosen)
    )


def with_unheard(
    known: Cast, said: Sequence[Segment], heard: Sequence[Segment], scene: Scene
) -> Cast:
    """`known`, and who speaks a translator's lines that were not heard, or as part of others.

    That is the face of the same speaker, by the translator's names; else of whoever was heard then;
    where nobody at all was heard, the most prominent one.
    """
    faces: dict[str, set[int]] = {}
    names = {segment.id: segment.speaker for segment in (*heard, *said)}
    faces_of: dict[int, set[int]] = {segment.id: set() for segment in heard}
    for entry in known.entries:
        if entry.segment_id in faces_of:
            faces_of[entry.segment_id].add(entry.track_id)
            faces.setdefault(names[entry.segment_id], set()).add(entry.track_id)
    entries = list(known.entries)
    for segment in said:
        if segment.id in faces_of:
            continue
        if not heard:
            entries += cast_most_prominent(segment.id, scene).entries
            continue
        then = max(heard, key=lambda one: one.span.overlap(segment.span))
        found, reason = faces.get(segment.speaker), "this speaker's face elsewhere"
        if found is None and then.span.overlap(segment.span) > 0:
            found, reason = faces_of[then.id], "who was heard then"
        entries += [CastEntry(segment.id, number, reason) for number in sorted(found or ())]
    return Cast(tuple(entries))


@dataclass(frozen=True, slots=True)
class _Match:
    """The best speaker for a face, and how much speaks for it."""

    track: FaceTrack
    speaker: str
    known: float
    reason: str


def _match(track: FaceTrack, speakers: Sequence[str], evidence: Evidence) -> _Match | None:
    """Who of the speakers is the likeliest to have this face; None if somebody else's is likelier
    for each of them."""
    scene = evidence.scene
    faces = company(track, scene.faces, scene.fps)
    if not speakers:
        return None
    if len(faces) == len(evidence.speaks) == 1:
        return _only(track, speakers[0], evidence)
    assert scene.motion, "several faces or speakers need the mouths' motion"
    known = np.array([[evidence.of(name, face, faces) for face in faces] for name in speakers])
    bonus = np.array([PROMINENCE * _prominence(face, scene.size) for face in faces])
    rows, columns = linear_sum_assignment(known + bonus, maximize=True)
    for row, column in zip(rows, columns, strict=True):
        if faces[column] is track:
            score = float(known[row, column])
            why = (
                "the mouth moves with the speech" if score >= ENOUGH else "known from another shot"
            )
            _tell_near_tie(known[row], int(column), track, scene.fps)
            return _Match(track, speakers[row], score, f"{why} ({score:.2f})")
    return None


def _tell_near_tie(scores: Scores, chosen: int, track: FaceTrack, fps: Fraction) -> None:
    others = np.delete(scores, chosen)
    if scores[chosen] >= ENOUGH and np.any(scores[chosen] - others < NEAR_TIE):
        log.warning(
            "two mouths move alike from %.1f s to %.1f s: see that the right one was chosen",
            *(time_of(track.frames.start, fps), time_of(track.frames.stop, fps)),
        )


def _only(track: FaceTrack, speaker: str, evidence: Evidence) -> _Match:
    """One voice and one face; too short a look counts for them only if there is no longer one."""
    fits = evidence.synchrony(speaker, track)
    if fits is not None:
        return _Match(track, speaker, fits, f"the mouth fits the sound ({fits:.2f})")
    known = 0.0 if evidence.judged(speaker) else 1.0
    return _Match(track, speaker, known, "the only speaker and the only face")


def _speakers(near: Sequence[Segment], track: FaceTrack, fps: Fraction) -> list[str]:
    """Who is heard while the face is seen; if nobody is, whose clip may reach into that time."""
    heard = {segment.speaker for segment in near if _seen(segment, track, fps, 0.0)}
    return sorted(heard or {segment.speaker for segment in near})


def _seen(segment: Segment, track: FaceTrack, fps: Fraction, reach: float) -> bool:
    """True if the face is in the picture while the segment's clip may be heard."""
    start = in_frames(segment.span.start - reach, fps)
    end = in_frames(segment.span.end + reach, fps)
    return start < track.frames.stop and track.frames.start < end


def _prominence(track: FaceTrack, size: tuple[int, int]) -> float:
    """0..1: how large and how central the face is, on average."""
    boxes = np.array(track.boxes)  # (frames, 4)
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    large = float(np.mean(np.sqrt(width * height))) / min(size)
    aside = float(np.mean(np.abs(boxes[:, 0] + boxes[:, 2] - size[0]))) / size[0]
    return 0.5 * min(1.0, large) + 0.5 * max(0.0, 1.0 - aside)
