"""What lies before a mouth: hands, microphones, cups.

What a face shows below the nose is expected from the other frames of the video in which the head
is held alike: their median, and how far they usually stray from it.  A large patch of a frame that
strays further is something before the face.  A mouth that opens wide strays too, but on a smaller
part.  In a pose that is seen nowhere else nothing is expected, so nothing is found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from lipsync.crops import Floats, Image
from lipsync.own_mouth.descriptors import distances
from lipsync.own_mouth.path import Integers

SIDE = 32
"""Pixels of the faces that are looked at."""

EYES = (slice(8, 16), slice(6, 26))
"""Rows and columns whose median colour the light is known by."""

LOWER = (slice(17, 29), slice(8, 24))
"""Rows and columns of mouth, chin and cheeks: inside the jaw, where no background moves past."""

SHAPE = (12, 16, 3)
"""Of what is remembered of a frame."""

COLOUR = 3.0
"""Weight of the two colour channels of CIELAB beside the lightness: light and shade change more."""

ALIKE = 25
"""Frames whose heads are held most alike, from which the expectation is made."""

APART = 25
"""Frames on either side that do not count: what lies there now lies there then."""

UNSEEN = 0.6
"""Mean distance of the nearest poses beyond which a pose counts as unseen."""

STRAYS = 2.5
"""Times the usual error by which a pixel strays."""

ERROR = 6.0
"""In 1/255, the least error that is usual."""

COVERED = 0.35
"""Part of the lower face from which a patch is something before it."""

SAMPLES = 1500
"""Frames of a video that expectations are made from at most, spread over it evenly."""

LEAST = 50
"""Frames below which nothing is expected."""

SHORTEST = 5
"""Frames; what is shorter is a mistake, and so is a hole that is shorter."""

BLOCK = 64
"""Frames that are looked at at once."""


def lower_face(face: Image) -> Floats:
    """What is remembered of a frame: colours below the nose, against those of the eyes' region.

    Args:
        face: (S, S, 3) uint8 BGR, from ``lipsync.crops.crop``.

    Returns:
        (12, 16, 3) float16.
    """
    small = cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    colours = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float32)
    colours[..., 1:] *= COLOUR
    colours -= np.median(colours[EYES].reshape(-1, 3), axis=0)
    lower: Floats = colours[LOWER].astype(np.float16)
    assert lower.shape == SHAPE
    return lower


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What is remembered of some frames of one person, in the order of time."""

    faces: npt.NDArray[np.floating]
    """(N, 12, 16, 3), of ``lower_face``."""
    poses: npt.NDArray[np.floating]
    """(N, P), of ``describe``."""
    frames: Integers
    """(N,)."""
    rows: Integers | None = None
    """Which of them are meant; None is all."""

    def all(self) -> Seen:
        """Those that are meant, in memory."""
        rows = np.arange(len(self.frames)) if self.rows is None else self.rows
        return Seen(
            np.asarray(self.faces[rows], np.float32),
            np.asarray(self.poses[rows], np.float32),
            self.frames[rows],
        )

    def some(self, count: int = SAMPLES) -> Seen:
        """At most so many of those that are meant, spread evenly, in memory."""
        rows = np.arange(len(self.frames)) if self.rows is None else self.rows
        kept = np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(np.intp)
        return replace(self, rows=rows[kept]).all()


def bare(known: Seen) -> Seen:
    """Samples of one person without those that seem covered: what is right to expect."""
    flags = _shares(known, known, APART) > COVERED
    return replace(known, rows=np.flatnonzero(~flags)).all()


def covered(seen: Seen, known: Seen, expected: Seen) -> npt.NDArray[np.bool_]:
    """Which frames have something before the mouth.

    They must stray from what other times show, and from what is bare: where most of the times
    that a pose is seen at are covered, it is the bare ones that stray from the others.

    Args:
        seen: consecutive frames of one track.
        known: samples of the same person, see ``Seen.some``.
        expected: ``bare(known)``.

    Returns:
        (N,); nothing comes and goes within ``SHORTEST`` frames.
    """
    flags = np.zeros(len(seen.frames), bool)
    if len(known.frames) < LEAST:
        return flags
    for at in range(0, len(flags), BLOCK):
        block = replace(seen, rows=np.arange(at, min(len(flags), at + BLOCK))).all()
        found = np.flatnonzero(_shares(block, known, APART) > COVERED)
        if len(found):
            doubtful = replace(block, rows=found).all()
            flags[at + found] = _shares(doubtful, expected, 0) > COVERED
    return _lasting(flags)


def _lasting(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """What most of the frames about each one say, without short runs."""
    around = SHORTEST // 2
    wide = np.pad(flags.astype(np.uint8), around)
    most = np.convolve(wide, np.ones(SHORTEST, np.uint8), mode="valid") > around
    line, window = most.astype(np.uint8)[None], np.ones((1, SHORTEST), np.uint8)
    lasting: npt.NDArray[np.bool_] = cv2.morphologyEx(line, cv2.MORPH_OPEN, window)[0] > 0
    return lasting


def _shares(seen: Seen, known: Seen, around: int) -> Floats:
    """Part of the lower face that the largest patch takes, for each frame."""
    distance = distances(np.asarray(seen.poses, np.float32), known.poses)
    if around:
        # In a short clip fewer frames are left out, so that some are left to compare with.
        around = min(around, max(1, int(np.ptp(known.frames)) // 8))
        distance[np.abs(seen.frames[:, None] - known.frames) <= around] = np.inf
    count = min(ALIKE, len(known.frames) - 1)
    shares = np.zeros(len(seen.frames), np.float32)
    for number, row in enumerate(distance):
        nearest = np.argsort(row)[:count]
        nearest = nearest[np.isfinite(row[nearest])]
        if len(nearest) < max(2, count // 2) or row[nearest[:5]].mean() > UNSEEN:
            continue
        face = np.asarray(seen.faces[number], np.float32)
        shares[number] = _largest_patch(face, known.faces[nearest])
    return shares


def _largest_patch(face: Floats, others: Floats) -> float:
    expected = np.median(others, axis=0)
    usual = ERROR + 1.48 * np.median(np.abs(others - expected), axis=0)
    strays = (np.abs(face - expected) > STRAYS * usual).any(-1).astype(np.uint8)
    joined = cv2.morphologyEx(strays, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, _, facts, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    return float(facts[1:, cv2.CC_STAT_AREA].max()) / strays.size if count > 1 else 0.0
