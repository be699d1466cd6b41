"""The faces of a source where its picture is shown for longer than it lasts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from f2f.media.timeline import shown_frame
from f2f.types import Beyond, FaceTrack, FaceTracks


def continued(faces: FaceTracks, *, source: int, count: int, beyond: Beyond) -> FaceTracks:
    """The tracks and cuts on the clock of `count` output frames.

    A face that is seen again is a further track of the same id.  Where the picture turns round, a
    track goes on through it; where it starts anew there is a cut.

    Args:
        faces: of the source.
        source: frames that it has.
        count: output frames.
        beyond: what is shown after the source's last frame.
    """
    if count <= source:
        return faces
    shown = [shown_frame(index, source, beyond) for index in range(count)]
    shots = set(faces.cuts)
    cuts = (*([0] if 0 in shots else []), *_cuts(shown, shots))
    tracks = [piece for track in faces.tracks for piece in _pieces(track, shown, set(cuts))]
    return FaceTracks(tuple(sorted(tracks, key=lambda piece: piece.first_frame)), cuts)


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
        replace(
            track,
            first_frame=run[0],
            boxes=tuple(track.boxes[shown[index] - track.first_frame] for index in run),
            scores=tuple(track.scores[shown[index] - track.first_frame] for index in run),
        )
        for run in runs
    ]
