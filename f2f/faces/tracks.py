"""Looks at single frames → tracks: the same face linked, gaps filled, jitter taken out.

Everything here sees one shot at a time, so nothing can leak past a cut.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.optimize import linear_sum_assignment

from f2f.config import Faces
from f2f.faces.pose import roll, turn
from f2f.media.timeline import frame_count, frames_until
from f2f.roles import Face
from f2f.types import Box, FaceTrack

Boxes = npt.NDArray[np.float64]
"""(frames, 4): x0, y0, x1, y1 in pixels."""

LONGEST_GAP = 1.0
"""Seconds that a face may stay unseen and still be the same."""
REACH = 0.6
"""A face's centre may be this part of its size from where it was expected."""
GROWTH = 1.5
"""Factor by which a face's size may differ from one sight to the next."""
SHORTEST = 0.2
"""Seconds; a shorter track is an accident of the detector (unless the shot itself is shorter)."""
WILD = 0.1
"""Part of its size by which a box is out of line with its neighbours when it is a mistake."""
PLACE_SIGMA = 0.1
"""Seconds of the Gaussian that smooths a face's centre."""
SIZE_SIGMA = 0.3
"""Seconds of the Gaussian that smooths its size: heads grow slowly, open jaws do not count."""


@dataclass(frozen=True, slots=True)
class Look:
    """The faces that the detector saw in one frame."""

    frame: int
    faces: tuple[Face, ...]


@dataclass
class _Thread:
    """A face while it is followed: where and how surely it was seen."""

    frames: list[int] = field(default_factory=list)
    faces: list[Face] = field(default_factory=list)

    def add(self, frame: int, face: Face) -> None:
        self.frames.append(frame)
        self.faces.append(face)

    def expected(self, frame: int) -> Box:
        """The last box, moved on by half of the last speed (whole speed overshoots at turns)."""
        last = np.asarray(self.faces[-1].box)
        if len(self.frames) < 2:
            return _box(last)
        speed = (last - np.asarray(self.faces[-2].box)) / (self.frames[-1] - self.frames[-2])
        ahead = min(frame - self.frames[-1], self.frames[-1] - self.frames[-2])
        centre = 0.5 * (speed[:2] + speed[2:]) * 0.5 * ahead
        return _box(last + np.tile(centre, 2))


def link(looks: Sequence[Look], frames: range, *, fps: Fraction, options: Faces) -> list[FaceTrack]:
    """The tracks of one shot, by first frame; their ids are all 0 until somebody numbers them.

    A track begins with a face of at least `min_score` and goes on through weaker ones.  Its
    score is that of the detector where it saw the face, 0 where it looked and did not see it, and
    on a line in between.

    Args:
        looks: in the order of their frames, which lie in `frames`.
        frames: all frames of the shot.
        fps: frames a second.
        options: `min_score` and `min_size` (of the median box's longer side).
    """
    patience = max(options.every, frames_until(LONGEST_GAP, fps))
    done: list[_Thread] = []
    live: list[_Thread] = []
    for look in looks:
        done += [thread for thread in live if look.frame - thread.frames[-1] > patience]
        live = [thread for thread in live if look.frame - thread.frames[-1] <= patience]
        pairs = _match([thread.expected(look.frame) for thread in live], look.faces)
        for thread, number in pairs.items():
            live[thread].add(look.frame, look.faces[number])
        for number, face in enumerate(look.faces):
            if number not in pairs.values() and face.score >= options.min_score:
                live.append(_Thread([look.frame], [face]))
    looked = np.array([look.frame for look in looks])
    shortest = min(len(frames), frame_count(SHORTEST, fps))
    tracks = [
        _track(thread, looked, fps)
        for thread in done + live
        if thread.frames[-1] - thread.frames[0] + 1 >= shortest
        and np.median([_size(face.box) for face in thread.faces]) >= options.min_size
    ]
    return sorted(tracks, key=lambda track: track.first_frame)


def shared(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, width) * max(0.0, height)
    union = _area(one) + _area(other) - both
    return both / union if union > 0 else 0.0


def smooth(boxes: Boxes, *, fps: Fraction) -> Boxes:
    """Boxes of one track without jitter, and without lag: steady motion passes unchanged.

    A symmetric kernel has no phase; continuing the track by its point reflection at both ends
    keeps a straight line straight up to its last frame.
    """
    centre = 0.5 * (boxes[:, :2] + boxes[:, 2:])
    half = 0.5 * (boxes[:, 2:] - boxes[:, :2])
    centre = _low_pass(centre, PLACE_SIGMA * float(fps))
    half = _low_pass(half, SIZE_SIGMA * float(fps))
    return np.hstack((centre - half, centre + half))


def _low_pass(values: Boxes, sigma: float) -> Boxes:
    """Gaussian along the frames, applied to what it left over as well ("twicing", Tukey 1977):
    turns keep their width where a plain Gaussian cuts them off.  (frames, n); sigma in frames.
    """
    reach = math.ceil(8 * sigma)
    extended = np.pad(values, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    once = gaussian_filter1d(extended, sigma, axis=0, mode="nearest")
    twice = once + gaussian_filter1d(extended - once, sigma, axis=0, mode="nearest")
    return np.asarray(twice[reach : reach + len(values)], np.float64)


def _without_wild(frames: npt.NDArray[np.int64], sights: Boxes) -> Boxes:
    """Boxes with single mistakes of the detector replaced.

    A sight is wild if it is further than WILD from the cubic through two sights before and two
    after it, and further than its neighbours are from theirs.
    """
    if len(frames) < 5:
        return sights
    around = np.stack([np.roll(np.arange(len(frames)), -step)[2:-2] for step in (-2, -1, 1, 2)])
    times, now = frames[around].astype(float), frames[2:-2].astype(float)  # (4, n), (n,)
    expected = np.zeros((len(now), 4))
    for side in range(4):
        others = [other for other in range(4) if other != side]
        weight = np.prod([(now - times[k]) / (times[side] - times[k]) for k in others], axis=0)
        expected += weight[:, None] * sights[around[side]]
    size = np.median(sights[:, 2:] - sights[:, :2])
    strayed = np.abs(sights[2:-2] - expected).max(axis=1) / size  # (n,)
    wild = (strayed > WILD) & (strayed >= maximum_filter1d(strayed, 5))
    result = sights.copy()
    result[2:-2][wild] = expected[wild]
    return result


def _match(expected: Sequence[Box], faces: Sequence[Face]) -> dict[int, int]:
    """Thread number → face number, so that the sum of overlap and nearness is the highest."""
    gain = np.zeros((len(expected), len(faces)))
    for row, box in enumerate(expected):
        for column, face in enumerate(faces):
            gain[row, column] = _likeness(box, face.box)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if gain[row, column] > 0
    }


def _likeness(one: Box, other: Box) -> float:
    """0 for what cannot be the same face, else up to 2."""
    size, other_size = _size(one), _size(other)
    if max(size, other_size) > GROWTH * min(size, other_size):
        return 0.0
    distance = math.hypot(
        0.5 * (one[0] + one[2] - other[0] - other[2]), 0.5 * (one[1] + one[3] - other[1] - other[3])
    )
    nearness = 1.0 - distance / (REACH * max(size, other_size))
    return max(0.0, nearness) + (shared(one, other) if nearness > 0 else 0.0)


def _track(thread: _Thread, looked: npt.NDArray[np.int64], fps: Fraction) -> FaceTrack:
    """Every frame from the first to the last sight, smoothed."""
    seen = np.array(thread.frames)
    frames = np.arange(seen[0], seen[-1] + 1)
    sights = np.array([face.box for face in thread.faces])  # (sights, 4)
    sights = _without_wild(seen, sights)
    boxes = np.stack([np.interp(frames, seen, sights[:, side]) for side in range(4)], axis=1)
    scores = dict.fromkeys(looked[(looked >= seen[0]) & (looked <= seen[-1])].tolist(), 0.0)
    scores |= {int(frame): face.score for frame, face in zip(seen, thread.faces, strict=True)}
    along = np.interp(frames, list(scores), list(scores.values()))
    held = np.array([(roll(face.landmarks), turn(face.landmarks)) for face in thread.faces])
    held = np.stack([np.interp(frames, seen, held[:, side]) for side in range(2)], axis=1)
    rolls, turns = np.round(_low_pass(held, PLACE_SIGMA * float(fps)), 4).T.tolist()
    return FaceTrack(
        id=0,
        first_frame=int(seen[0]),
        boxes=tuple(_box(row) for row in smooth(boxes, fps=fps)),
        scores=tuple(round(float(score), 4) for score in along),
        rolls=tuple(rolls),
        turns=tuple(turns),
    )


def _box(row: Boxes) -> Box:
    x0, y0, x1, y1 = (round(float(value), 2) for value in row)
    return (x0, y0, x1, y1)


def _size(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
