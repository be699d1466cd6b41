"""The faces of a source where its picture is shown for longer than it lasts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from f2f.media.timeline import shown_frame
from f2f.types import Beyond, FaceTrack, FaceTracks


@dataclass(frozen=True, slots=True)
class Continuation:
    """The clock of output frames, which may go on when the source has ended."""

    source: int
    """Frames that the source has."""
    count: int
    """Output frames."""
    beyond: Beyond
    """What is shown after the source's last frame."""

    def source_frame(self, index: int) -> int:
        """Which frame of the source is output frame `index`."""
        return shown_frame(index, self.source, self.beyond)

    def tracks(self, faces: FaceTracks) -> FaceTracks:
        """The tracks and cuts of the source on the output's clock.

        A face that is seen again is a further track of the same id.  Where the picture turns round,
        a track goes on through it; where it starts anew there is a cut.
        """
        if self.count <= self.source:
            return faces
        shown = [self.source_frame(index) for index in range(self.count)]
        shots = set(faces.cuts)
        cuts = (*([0] if 0 in shots else []), *_cuts(shown, shots))
        tracks = [piece for track in faces.tracks for piece in _pieces(track, shown, set(cuts))]
        return FaceTracks(tuple(sorted(tracks, key=lambda piece: piece.first_frame)), cuts)

    def runs(self, frames: Mapping[int, Sequence[range]]) -> dict[int, tuple[range, ...]]:
        """Runs of the source's frames, by track, on the output's clock."""
        return {track: tuple(self._runs(theirs)) for track, theirs in frames.items()}

    def _runs(self, theirs: Sequence[range]) -> Iterator[range]:
        within = (
            any(self.source_frame(index) in run for run in theirs) for index in range(self.count)
        )
        for inside, group in itertools.groupby(enumerate(within), key=lambda one: one[1]):
            if inside:
                places = [index for index, _ in group]
                yield range(places[0], places[-1] + 1)


def _cuts(shown: list[int], shots: set[int]) -> Iterator[int]:
    """Output frames before which another shot, or another place in the source, was shown."""
    for index, (before, frame) in enumerate(itertools.pairwise(shown), start=1):
        if abs(frame - before) > 1 or (frame != before and max(before, frame) in shots):
            yield index


def _pieces(track: FaceTrack, shown: list[int], cuts: set[int]) -> list[FaceTrack]:
    """The track wherever its frames are shown, one piece for each run of output frames."""
    runs: list[list[int]] = []
    for index, frame in enumerate(shown):
        if frame not in track.frames:
            continue
        if not runs or runs[-1][-1] != index - 1 or index in cuts:
            runs.append([])
        runs[-1].append(index)
    return [
        _piece(track, run[0], [shown[index] - track.first_frame for index in run]) for run in runs
    ]


def _piece(track: FaceTrack, first: int, places: list[int]) -> FaceTrack:
    """The track with what it has at `places`; it need not know how a head is tilted and turned."""
    return replace(
        track,
        first_frame=first,
        boxes=tuple(track.boxes[place] for place in places),
        scores=tuple(track.scores[place] for place in places),
        rolls=tuple(track.rolls[place] for place in places) if track.rolls else (),
        turns=tuple(track.turns[place] for place in places) if track.turns else (),
    )
