"""How well each face's mouth fits the sound, by the sync expert.

Windows of a face are compared with the sound beside them and up to `SHIFTS` frames before and
after: a mouth that speaks what is heard fits best near no shift, any other fits everywhere alike.
Moving is not enough: a listener nods and smiles, and whoever is shown under a narrator's voice may
speak himself, unheard.

Source: Chung & Zisserman, "Out of time: automated lip sync in the wild" (2016), section 4.2 (active
speaker detection); the expert is Wav2Lip's (thesis chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from f2f.roles import Frame
from f2f.types import Box, FaceTrack
from lipsync.crops import crop
from lipsync.expert import FACE_SIZE, Expert, mouth_windows

Mask = npt.NDArray[np.bool_]
"""(frames,) of the video."""

SHIFTS = 15
"""Frames by which the sound is moved either way, as in the published scores."""
NEAR = 4
"""Frames by which sound and picture of a file may lie apart."""
FAR = 7
"""Shifts from this on say what chance comes to: a syllable lasts about five frames."""
RUN = 10
"""Consecutive windows that are looked at together, so that they share their sound."""
MOST_RUNS = 20
"""Runs that are looked at in one track for one speaker, spread evenly: more add nothing."""
FEWEST = 25
"""Windows below which the mean says nothing."""
NOT_IN_SYNC = 0.045
"""Agreement (mean cosine near no shift, less that of far shifts) up to which a mouth does not speak
what is heard.  Of 40 talking tracks 2 lie below it, at 50 windows."""
CHANCE = (0.02, 0.55)
"""a, b of a + b / √windows: the agreement that 2% of false pairs exceed.  Measured over 2,700 pairs
of 40 tracks with other people's sound, at 30, 50, 100 and 300 windows (0.12, 0.093, 0.069, 0.031).
"""

LEAST_DOUBT = 0.02
"""Agreement from doubtful to sure, however many windows there are."""

Hear = Callable[[int], Tensor]
"""Frame → (1, bins, steps), its window of sound."""


@dataclass(frozen=True, slots=True, eq=False)
class Synchrony:
    """One face's windows and how alike sound and mouth are at each shift."""

    starts: npt.NDArray[np.int64]
    """(windows,), first frames."""
    likeness: npt.NDArray[np.float64]
    """(windows, 2·SHIFTS + 1), cosines; NaN where there is no sound."""


def in_sync(parts: Sequence[Synchrony], when: Mask) -> float | None:
    """1 for a mouth that surely speaks what is heard, −1 for one that surely does not, 0 between.

    Args:
        parts: of the tracks of one person.
        when: the frames that count.

    Returns:
        None if too few windows begin in these frames.
    """
    rows = [part.likeness[when[part.starts]] for part in parts]
    likeness = np.concatenate(rows) if rows else np.zeros((0, 2 * SHIFTS + 1))
    known = likeness[~np.isnan(likeness[:, SHIFTS])]
    if len(known) < FEWEST or np.isnan(known).all(axis=0).any():
        return None
    curve = np.nanmean(known, axis=0)
    near = curve[SHIFTS - NEAR : SHIFTS + NEAR + 1].max()
    far = np.median(np.concatenate((curve[: SHIFTS - FAR + 1], curve[SHIFTS + FAR :])))
    surely = CHANCE[0] + CHANCE[1] / np.sqrt(len(known))
    over = (near - far - NOT_IN_SYNC) / max(surely - NOT_IN_SYNC, LEAST_DOUBT)
    return float(np.clip(over, -1.0, 1.0))


class SyncWatch:
    """Looks at chosen windows of faces while their frames pass.

    Args:
        tracks: the faces.
        speaking: speaker → (frames,), True where that speaker alone is heard.
        expert: the judge, in evaluation mode.
        hear: gives the sound of a frame.
        box_of: the box that the expert sees of a detected face.
    """

    def __init__(
        self,
        tracks: Iterable[FaceTrack],
        speaking: Mapping[str, Mask],
        *,
        expert: Expert,
        hear: Hear,
        box_of: Callable[[Box], Box],
    ) -> None:
        self._expert, self._hear, self._box_of = expert, hear, box_of
        frames = expert.dims.frames
        self._tracks = {track.id: track for track in tracks}
        self._runs: dict[int, list[tuple[int, range]]] = {}
        self._last = max((len(mask) for mask in speaking.values()), default=0)
        for track in self._tracks.values():
            for run in sorted(_chosen(track, speaking, frames), key=lambda run: run.start):
                for frame in range(run.start, run.stop + frames - 1):
                    self._runs.setdefault(frame, []).append((track.id, run))
        self._seen: dict[tuple[int, range], list[Tensor]] = {}
        self._sounds: dict[int, Tensor] = {}
        self._found: dict[int, list[Synchrony]] = {number: [] for number in self._tracks}

    def watching(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The frames of the video as they come, each looked at in passing."""
        for index, frame in enumerate(frames):
            for number, run in self._runs.get(index, ()):
                track = self._tracks[number]
                box = self._box_of(track.boxes[index - track.first_frame])
                face = torch.from_numpy(crop(frame, box, FACE_SIZE)).permute(2, 0, 1) / 255
                seen = self._seen.setdefault((number, run), [])
                seen.append(face)
                if len(seen) == len(run) + self._expert.dims.frames - 1:
                    self._judge(number, run, torch.stack(self._seen.pop((number, run))))
            yield frame

    def found(self) -> Mapping[int, Synchrony]:
        """Track id → what was seen, after all frames have passed."""
        empty = Synchrony(np.zeros(0, np.int64), np.zeros((0, 2 * SHIFTS + 1)))
        return {
            number: Synchrony(
                np.concatenate([part.starts for part in parts]),
                np.concatenate([part.likeness for part in parts]),
            )
            if parts
            else empty
            for number, parts in self._found.items()
        }

    @torch.no_grad()
    def _judge(self, number: int, run: range, faces: Tensor) -> None:
        """One run: faces (len(run) + Tv − 1, 3, 96, 96)."""
        frames = self._expert.dims.frames
        windows = torch.stack([faces[at : at + frames] for at in range(len(run))])
        seen = functional.normalize(self._expert.embed_faces(mouth_windows(windows)))
        around = range(run.start - SHIFTS, run.stop + SHIFTS)
        inside = [frame for frame in around if 0 <= frame < self._last]
        cosines = (seen @ self._heard(inside).T).numpy()  # (windows, frames of sound)
        likeness = np.full((len(run), 2 * SHIFTS + 1), np.nan)
        for row, start in enumerate(run):
            for column, frame in enumerate(range(start - SHIFTS, start + SHIFTS + 1)):
                if 0 <= frame < self._last:
                    likeness[row, column] = cosines[row, frame - inside[0]]
        self._found[number].append(Synchrony(np.array(run), likeness))

    def _heard(self, frames: Sequence[int]) -> Tensor:
        """(frames, E), unit embeddings of their sound; runs near each other share theirs."""
        new = [frame for frame in frames if frame not in self._sounds]
        if new:
            sound = torch.stack([self._hear(frame) for frame in new])
            embedded = functional.normalize(self._expert.embed_audio(sound))
            self._sounds.update(zip(new, embedded, strict=True))
        return torch.stack([self._sounds[frame] for frame in frames])


def _chosen(track: FaceTrack, speaking: Mapping[str, Mask], frames: int) -> set[range]:
    """Runs of windows of a track, for each speaker spread over what he says."""
    chosen = set[range]()
    last = track.frames.stop - frames + 1
    for mask in speaking.values():
        starts = track.frames.start + np.flatnonzero(mask[track.frames.start : max(0, last)])
        runs = [
            range(int(part[at]), int(part[min(at + RUN, len(part)) - 1]) + 1)
            for part in np.split(starts, np.flatnonzero(np.diff(starts) > 1) + 1)
            for at in range(0, len(part), RUN)
        ]
        places = np.unique(np.linspace(0, len(runs) - 1, min(MOST_RUNS, len(runs))).astype(int))
        chosen |= {runs[place] for place in places}
    return chosen
