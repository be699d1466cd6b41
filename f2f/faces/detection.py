"""Faces of a streamed video: looked for on every k-th frame, followed in between.

Two looks k frames apart that agree (the same faces in nearly the same places, with sure scores)
are bridged by a straight line.  Two that do not (a head turns fast, a face comes or goes, a score
falls) are halved and looked at again, down to single frames.  Nothing crosses a cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain

from f2f.config import Faces
from f2f.faces.reduction import reduce
from f2f.faces.shots import mark_cuts
from f2f.faces.tracks import Look, link, shared
from f2f.roles import Face, FaceDetector, Frame
from f2f.types import FaceTracks

STEADY = 0.75
"""Part of their union that a face's boxes share k frames apart, above which a line will do."""


@dataclass(frozen=True, slots=True)
class Shot:
    """What was seen in one shot: its frames, and the looks at some of them, in order."""

    frames: range
    looks: tuple[Look, ...]


def find_tracks(
    frames: Iterable[Frame], detector: FaceDetector, *, fps: Fraction, options: Faces
) -> FaceTracks:
    """All faces of a video as smooth tracks, in one pass over its frames.

    Args:
        frames: upright pictures of one size, BGR.
        detector: already entered.
        fps: frames a second.
        options: k (`every`), `min_score`, `min_size` and `detection_side`.

    Returns:
        Tracks numbered by their first frame, and the cuts; both are empty without frames.
    """
    shots = list(watch(frames, detector, options=options))
    tracks = [
        track for shot in shots for track in link(shot.looks, shot.frames, fps=fps, options=options)
    ]
    return FaceTracks(
        tracks=tuple(replace(track, id=number) for number, track in enumerate(tracks)),
        cuts=tuple(shot.frames.start for shot in shots),
    )


def watch(frames: Iterable[Frame], detector: FaceDetector, *, options: Faces) -> Iterator[Shot]:
    """One shot after the other; holds about k + 2 frames, reduced to the detection's size."""
    stream = iter(frames)
    first = next(stream, None)
    if first is None:
        return
    side = options.detection_side
    watcher = _Watcher(detector, options, scale=reduce(first, side)[1])
    reduced = (reduce(frame, side)[0] for frame in chain((first,), stream))
    index = 0
    for index, (picture, cut) in enumerate(mark_cuts(reduced)):
        if cut and index > 0:
            yield watcher.shot(index)
        watcher.see(index, picture)
    yield watcher.shot(index + 1)


@dataclass
class _Watcher:
    """Decides which frames of the running shot are looked at."""

    detector: FaceDetector
    options: Faces
    scale: float
    start: int = 0
    looks: list[Look] = field(default_factory=list)
    passed: list[tuple[int, Frame]] = field(default_factory=list)
    """Frames since the last look."""

    def see(self, index: int, picture: Frame) -> None:
        """The next frame, already reduced by `scale`."""
        self.passed.append((index, picture))
        if (index - self.start) % self.options.every == 0:
            self._catch_up()

    def shot(self, end: int) -> Shot:
        """End the shot before frame `end`, having looked at its last frame."""
        self._catch_up()
        shot = Shot(range(self.start, end), tuple(self.looks))
        self.looks, self.start = [], end
        return shot

    def _catch_up(self) -> None:
        """Look at the last frame, and between, if that does not agree with the look before."""
        if not self.passed:
            return
        latest = self._look(*self.passed.pop())
        if self.looks:
            self.looks.extend(self._halve(self.looks[-1], latest, self.passed))
        self.looks.append(latest)
        self.passed = []

    def _halve(self, before: Look, after: Look, inside: list[tuple[int, Frame]]) -> Iterator[Look]:
        if not inside or _agree(before, after, self.options.min_score):
            return
        half = len(inside) // 2
        middle = self._look(*inside[half])
        yield from self._halve(before, middle, inside[:half])
        yield middle
        yield from self._halve(middle, after, inside[half + 1 :])

    def _look(self, index: int, picture: Frame) -> Look:
        faces = self.detector.detect(picture)
        return Look(index, tuple(_enlarged(face, 1.0 / self.scale) for face in faces))


def _agree(before: Look, after: Look, min_score: float) -> bool:
    """True if both looks are sure of the same faces, which are nearly unmoved."""
    one, other = (
        [face for face in look.faces if face.score >= min_score] for look in (before, after)
    )
    return len(one) == len(other) and all(
        max(shared(face.box, twin.box) for twin in other) >= STEADY for face in one
    )


def _enlarged(face: Face, factor: float) -> Face:
    x0, y0, x1, y1 = (value * factor for value in face.box)
    landmarks = tuple((x * factor, y * factor) for x, y in face.landmarks)
    return Face(box=(x0, y0, x1, y1), score=face.score, landmarks=landmarks)
