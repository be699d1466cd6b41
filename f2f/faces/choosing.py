"""Whose face speaks a recording that belongs to nobody in the picture, as a person chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from f2f.errors import InputError
from f2f.faces.active_speaker import Scene, company, people
from f2f.faces.tracks import shared
from f2f.media.timeline import time_of
from f2f.types import Box, Cast, CastEntry, FaceTrack

Choice = int | tuple[float, float]
"""A face's number, from 1 on, or a place in the picture, in its pixels."""
SAME_PLACE = 0.3
"""Part of their union that the last and the first box of two tracks share if it is one face that
was lost for a while."""
_LISTED = 12
"""Faces that a message names."""


@dataclass(frozen=True, slots=True)
class Person:
    """All tracks of one person, by their first frame."""

    tracks: tuple[FaceTrack, ...]

    @property
    def box(self) -> Box:
        """Where it is seen first."""
        return self.tracks[0].boxes[0]


def cast_chosen(
    segment_id: int, choice: Choice, scene: Scene, *, original: tuple[int, int] | None = None
) -> Cast:
    """The face that was asked for speaks, wherever it is seen.

    Args:
        segment_id: of the recording.
        choice: which face.
        scene: with motion where several tracks may be one person's.
        original: size of the picture that the place was read from; None is the scene's.

    Raises:
        InputError: there is no such face; the message says which there are.
    """
    known = persons(scene)
    if isinstance(choice, int):
        person = known[choice - 1] if choice <= len(known) else None
        wish = f"face {choice}"
    else:
        across, down = (a / b for a, b in zip(scene.size, original or scene.size, strict=True))
        person = _at((choice[0] * across, choice[1] * down), known)
        wish = f"face at {choice[0]:g},{choice[1]:g}"
    if person is None:
        raise InputError(f"there is no {wish}: {_listed(known, scene, original)}")
    return Cast(
        tuple(CastEntry(segment_id, track.id, f"{wish}, as asked") for track in person.tracks)
    )


def persons(scene: Scene) -> list[Person]:
    """Who is seen, by first appearance and then from left to right."""
    groups: list[list[FaceTrack]] = []
    alike = people(scene)
    for track in sorted(scene.faces.tracks, key=lambda one: one.first_frame):
        group = next(
            (group for group in groups if _continues(group, track, scene, alike.get(track.id, ()))),
            None,
        )
        if group is None:
            groups.append([track])
        else:
            group.append(track)
    found = [Person(tuple(group)) for group in groups]
    return sorted(found, key=lambda person: (person.tracks[0].first_frame, person.box[0]))


def _continues(
    group: Sequence[FaceTrack], track: FaceTrack, scene: Scene, alike: Sequence[int]
) -> bool:
    """True if a later track is the same person's: by the clothes, or lost and found in a shot."""
    if any(other in group for other in company(track, scene.faces, scene.fps)):
        return False
    last = max(group, key=lambda one: one.frames.stop)
    between = range(last.frames.stop, track.first_frame + 1)
    lost = not any(cut in between for cut in scene.faces.cuts)
    found_again = lost and shared(last.boxes[-1], track.boxes[0]) > SAME_PLACE
    return found_again or any(one.id in alike for one in group)


def _at(place: tuple[float, float], known: Sequence[Person]) -> Person | None:
    """Whoever is there for the most frames."""
    seen = {number: _frames_at(place, person) for number, person in enumerate(known)}
    best = max(seen, key=lambda number: seen[number], default=None)
    return None if best is None or not seen[best] else known[best]


def _frames_at(place: tuple[float, float], person: Person) -> int:
    boxes = np.array([box for track in person.tracks for box in track.boxes])  # (frames, 4)
    inside = (boxes[:, :2] <= place).all(axis=1) & (boxes[:, 2:] >= place).all(axis=1)
    return int(inside.sum())


def _listed(known: Sequence[Person], scene: Scene, original: tuple[int, int] | None) -> str:
    if not known:
        return "none is seen at all"
    across, down = (a / b for a, b in zip(original or scene.size, scene.size, strict=True))
    shown = [
        f"{number} at {(box[0] + box[2]) / 2 * across:.0f},{(box[1] + box[3]) / 2 * down:.0f}"
        f" from {time_of(person.tracks[0].first_frame, scene.fps):.1f} s on"
        for number, person in enumerate(known[:_LISTED], start=1)
        for box in [person.box]
    ]
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return f"seen {'is' if len(known) == 1 else 'are'} {'; '.join(shown)}{more}"
