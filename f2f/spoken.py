"""Which frames get a new mouth: those in which a cast face is heard, and a little around them.

The new mouth is faded in before the speech and out after it, so that it never jumps.  A face that
is lost (turned away, covered, gone) fades in the same way; a cut needs no fade.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from f2f.backends import Samples
from f2f.lips import Mouth
from f2f.types import Box, Cast, FaceTrack, FaceTracks, Placement
from lipsync.crops import pad_box

Mask = npt.NDArray[np.bool_]
"""(frames,)."""

FADE = 0.12
"""Seconds in which the new mouth appears or goes."""
LEAD = 0.04
"""Seconds before and after heard speech in which the new mouth already shows in full."""
SHORTEST_PAUSE = 0.6
"""Seconds; the new mouth stays, closed, in pauses shorter than this."""
QUIET = -60.0
"""dB of full scale below which nothing is speech."""
BELOW_LOUD = -40.0
"""dB below the loud parts (their 95th percentile) under which nothing is speech."""
CHIN = 0.07
"""Part of a box's height that is added below it: 10 pixels for the faces of the training clips."""
HIDDEN = 0.3
"""Score of a track under which the face cannot be seen well enough for a new mouth."""

Listen = Callable[[float, float], Samples]
"""Sound from start to end, in seconds, of the speech track."""


def wanted_mouths(
    placements: Sequence[Placement],
    cast: Cast,
    faces: FaceTracks,
    *,
    listen: Listen,
    fps: Fraction,
    frames: int,
) -> Iterator[Mouth]:
    """Every mouth to make, by frame and then by track.

    Args:
        placements: where speech is on the output's clock.
        cast: whose face speaks each segment; those without an entry move no lips.
        faces: all tracks.
        listen: gives the speech track's sound.
        fps: frames a second.
        frames: length of the output.
    """
    heard = heard_frames(placements, listen=listen, fps=fps, frames=frames)
    spoken: dict[int, list[range]] = defaultdict(list)
    tracks_of: dict[int, list[int]] = defaultdict(list)
    for entry in cast.entries:
        tracks_of[entry.segment_id].append(entry.track_id)
    for segment_id, runs in heard.items():
        for track_id in tracks_of[segment_id]:
            spoken[track_id] += runs
    mouths = [
        mouth
        for track in faces.tracks
        if track.id in spoken
        for mouth in _of_track(track, spoken[track.id], faces.cuts, fps=fps, frames=frames)
    ]
    yield from sorted(mouths, key=lambda mouth: mouth.frame)


def heard_frames(
    placements: Sequence[Placement], *, listen: Listen, fps: Fraction, frames: int
) -> dict[int, list[range]]:
    """Segment id → runs of frames in which its clip is heard; short pauses are bridged."""
    levels = {
        placement.segment_id: _levels(placement, listen=listen, fps=fps, frames=frames)
        for placement in placements
    }
    loud = [level for _, row in levels.values() for level in row]
    if not loud:
        return {segment_id: [] for segment_id in levels}
    threshold = max(QUIET, float(np.percentile(loud, 95)) + BELOW_LOUD)
    return {
        segment_id: _runs(_closed(row > threshold, round(SHORTEST_PAUSE * fps)), first)
        for segment_id, (first, row) in levels.items()
    }


def _levels(
    placement: Placement, *, listen: Listen, fps: Fraction, frames: int
) -> tuple[int, npt.NDArray[np.float64]]:
    """First frame, and the loudness of the sound during each of the clip's frames in dB."""
    first = max(0, math.floor(placement.span.start * fps))
    last = min(frames, math.ceil(placement.span.end * fps))
    count = max(0, last - first)
    sound = listen(float(first / fps), float((first + count) / fps))
    edges = np.round(np.linspace(0, len(sound), count + 1)).astype(int)
    power = [
        float(np.mean(np.square(sound[a:b]))) if b > a else 0.0
        for a, b in itertools.pairwise(edges)
    ]
    return first, 10 * np.log10(np.maximum(power, 1e-12))


def _of_track(
    track: FaceTrack, runs: Sequence[range], cuts: Sequence[int], *, fps: Fraction, frames: int
) -> Iterator[Mouth]:
    """The mouths of one face, in order."""
    fade, lead = max(1, round(FADE * fps)), max(1, round(LEAD * fps))
    own = np.zeros(len(track.boxes), bool)
    for run in runs:
        start, stop = (moment - track.first_frame for moment in (run.start, run.stop))
        own[max(0, start - lead - fade) : max(0, stop + lead + fade)] = True
    own = _closed(own, round(SHORTEST_PAUSE * fps))
    own &= np.array(track.scores) >= HIDDEN
    own[max(0, frames - track.first_frame) :] = False
    for run in _runs(own, 0):
        opens = track.first_frame + run.start in cuts
        closes = track.first_frame + run.stop in (*cuts, frames)
        for index in run:
            since = fade if opens else index - run.start
            until = fade if closes else run.stop - 1 - index
            blend = min(1.0, (min(since, until) + 1) / (fade + 1))
            yield Mouth(track.first_frame + index, with_chin(track.boxes[index]), round(blend, 4))


def with_chin(box: Box) -> Box:
    """A detected face's box as the generators were trained on: a little longer."""
    return pad_box(box, below=CHIN * (box[3] - box[1]))


def held(faces: FaceTracks, frames: int) -> FaceTracks:
    """The faces of a still picture, for as long as it is shown."""
    tracks = tuple(
        replace(track, boxes=track.boxes[:1] * frames, scores=track.scores[:1] * frames)
        for track in faces.tracks
    )
    return FaceTracks(tracks, faces.cuts)


def _closed(mask: Mask, gap: int) -> Mask:
    """With holes of up to `gap` frames filled."""
    filled = mask.copy()
    runs = _runs(mask, 0)
    for before, after in itertools.pairwise(runs):
        if after.start - before.stop <= gap:
            filled[before.stop : after.start] = True
    return filled


def _runs(mask: Mask, first: int) -> list[range]:
    """The stretches of True, with the mask's first entry numbered `first`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [range(first + int(a), first + int(b)) for a, b in edges.reshape(-1, 2)]
