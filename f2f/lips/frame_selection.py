"""Which frames get a new mouth: those in which a cast face is heard, and a little around them.

Where the source speaks on and the dub is silent, a new mouth is made from the silence: the
source's own would go on moving without a sound.

The new mouth is faded in before the speech and out after it, so that it never jumps.  A face that
is lost (turned away, covered, gone) fades in the same way; a cut needs no fade.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from f2f.lips.mouths import Mouth
from f2f.lips.poses import levelled_by, turned_away
from f2f.media.timeline import frame_count, frames_of, time_of
from f2f.roles import Samples
from f2f.types import Cast, FaceTrack, FaceTracks, Placement, Segment, Span
from lipsync.crops import with_chin

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
HIDDEN = 0.3
"""Score of a track under which the face cannot be seen well enough for a new mouth."""

NOTHING: Mapping[int, Sequence[range]] = MappingProxyType({})
"""What is uttered by a source that nothing is known of."""

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
    uttered: Mapping[int, Sequence[range]] = NOTHING,
    hidden: Mapping[int, Sequence[range]] = NOTHING,
    profiles: bool = False,
) -> Iterator[Mouth]:
    """Every mouth to make, by frame and then by track.

    Args:
        placements: where speech is on the output's clock.
        cast: whose face speaks each segment; those without an entry move no lips.
        faces: all tracks.
        listen: gives the speech track's sound.
        fps: frames a second.
        frames: length of the output.
        uttered: segment id → runs of frames in which the source says it, see `uttered_frames`;
            where the dub is silent there, the mouths are closed.
        hidden: track id → runs of frames in which something is before the mouth.
        profiles: True takes faces that are turned away as well.
    """
    heard = heard_frames(placements, listen=listen, fps=fps, frames=frames)
    speaks: dict[int, list[range]] = defaultdict(list)
    moved: dict[int, list[range]] = defaultdict(list)
    for entry in cast.entries:
        speaks[entry.track_id] += heard.get(entry.segment_id, ())
        moved[entry.track_id] += uttered.get(entry.segment_id, ())
    clock = _Clock(fps, frames, faces.cuts)
    mouths = [
        mouth
        for track in faces.tracks
        for mouth in _of_track(
            track,
            speaks[track.id],
            moved[track.id],
            clock,
            left=_left(track, hidden.get(track.id, ()), profiles=profiles),
        )
    ]
    yield from sorted(mouths, key=lambda mouth: mouth.frame)


def uttered_frames(segments: Iterable[Segment], *, fps: Fraction) -> dict[int, list[range]]:
    """Segment id → runs of frames in which the source says it; short pauses are bridged."""
    runs = {}
    for segment in segments:
        spans = [word.span for word in segment.words] or [segment.span]
        whole = Span(min(span.start for span in spans), max(span.end for span in spans))
        frames = frames_of(whole, fps)
        said = np.zeros(len(frames), bool)
        for span in spans:
            run = frames_of(span, fps)
            said[run.start - frames.start : run.stop - frames.start] = True
        runs[segment.id] = _runs(_closed(said, frame_count(SHORTEST_PAUSE, fps)), frames.start)
    return runs


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
        segment_id: _runs(_closed(row > threshold, frame_count(SHORTEST_PAUSE, fps)), first)
        for segment_id, (first, row) in levels.items()
    }


def _levels(
    placement: Placement, *, listen: Listen, fps: Fraction, frames: int
) -> tuple[int, npt.NDArray[np.float64]]:
    """First frame, and the loudness of the sound during each of the clip's frames in dB."""
    run = frames_of(placement.span, fps, count=frames)
    sound = listen(time_of(run.start, fps), time_of(run.stop, fps))
    edges = np.round(np.linspace(0, len(sound), len(run) + 1)).astype(int)
    power = [
        float(np.mean(np.square(sound[a:b]))) if b > a else 0.0
        for a, b in itertools.pairwise(edges)
    ]
    return run.start, 10 * np.log10(np.maximum(power, 1e-12))


@dataclass(frozen=True, slots=True)
class _Clock:
    """The output's frames."""

    fps: Fraction
    frames: int
    cuts: Sequence[int]


def _of_track(
    track: FaceTrack,
    speaks: Sequence[range],
    moved: Sequence[range],
    clock: _Clock,
    *,
    left: Mask,
) -> Iterator[Mouth]:
    """The mouths of one face, in order: of the frames in which it speaks, or only once moved."""
    fade = frame_count(FADE, clock.fps)
    speaking = _around(track, speaks, clock.fps)
    pause = frame_count(SHORTEST_PAUSE, clock.fps)
    shown = _closed(speaking | _around(track, moved, clock.fps), pause)
    shown &= np.array(track.scores) >= HIDDEN
    shown &= ~left
    shown[max(0, clock.frames - track.first_frame) :] = False
    for run in _runs(shown, 0):
        opens = track.first_frame + run.start in clock.cuts
        closes = track.first_frame + run.stop in (*clock.cuts, clock.frames)
        for index in run:
            since = fade if opens else index - run.start
            until = fade if closes else run.stop - 1 - index
            blend = min(1.0, (min(since, until) + 1) / (fade + 1))
            yield Mouth(
                track.first_frame + index,
                with_chin(track.boxes[index]),
                round(blend, 4),
                speaks=bool(speaking[index]),
                track=track.id,
                roll=levelled_by(track, index),
            )


def _left(track: FaceTrack, hidden: Sequence[range], *, profiles: bool) -> Mask:
    """The track's frames that are left alone whatever is said."""
    left = turned_away(track) & (not profiles)
    for run in hidden:
        left[max(0, run.start - track.first_frame) : max(0, run.stop - track.first_frame)] = True
    return left


def _around(track: FaceTrack, runs: Iterable[range], fps: Fraction) -> Mask:
    """The track's frames in some runs, with room for the fades; short pauses are bridged."""
    room = frame_count(LEAD, fps) + frame_count(FADE, fps)
    mask = np.zeros(len(track.boxes), bool)
    for run in runs:
        start, stop = run.start - track.first_frame, run.stop - track.first_frame
        mask[max(0, start - room) : max(0, stop + room)] = True
    return _closed(mask, frame_count(SHORTEST_PAUSE, fps))


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
