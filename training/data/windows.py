"""Windows of faces and sound as the models take them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from lipsync.audio import MEL_16, AudioForm
from lipsync.crops import with_pose_prior
from training.data.augment import (
    PLAIN_VIEW,
    View,
    augment_mels,
    mouth_mask,
    project_points,
    render_faces,
    sample_view,
)
from training.data.dataset import Batch, Windows, WindowSource
from training.data.excerpts import sound_windows
from training.data.landmarks import LIPS, MIRROR, head_motion
from training.data.packed import Track
from training.data.sampling import sample_apart, window_starts

REFERENCES = 6
"""Places among which a guided window's reference is chosen."""
HEAD_MOTION_COST = 0.25
"""Lip code distance that a head's mean motion of one packed pixel counts against."""
HEAD_PART = slice(len(LIPS), None)
"""Landmarks of the head among all."""


class SyncWindows(Windows):
    """For the expert: several true pairs of one clip, so that each is a false one for the others.

    Items: `mouths` (M, 3·Tv, 48, 96), `mels` (M, 1, 80, 16), `frames` (M,) first frames.

    With `code_frames`, tracks need what `training lips` writes. Items then have what the auxiliary
    tasks need: `codes` (M, code_frames, codes) of the lips and `clean_mels` (M, 1, 80, 16), the
    unchanged sound; and `points` (M, Tv, 40, 2), the lips in pixels of `mouths`.
    """

    def __init__(
        self, source: WindowSource, *, frames: int, count: int, code_frames: int = 0
    ) -> None:
        super().__init__(source.with_landmarks() if code_frames else source)
        self.frames, self.count, self.code_frames = frames, count, code_frames

    def cut(self, track: Track, rng: np.random.Generator) -> Batch:
        """See the class."""
        longest = max(self.frames, self.code_frames)
        starts = window_starts(len(track) - longest, self.count, rng)
        view = sample_view(self.augment, rng) if self.augment else PLAIN_VIEW
        windows = [track.faces[at : at + self.frames] for at in starts]
        mouths = np.stack([render_faces(faces, view, 96, lower_half=True) for faces in windows])
        clean_mels = sound_windows(track, starts)
        mels = clean_mels.numpy()
        if self.augment:
            mels = augment_mels(mels[:, 0], self.augment, rng)[:, None]
        item = {
            "mouths": torch.from_numpy(mouths.reshape(self.count, 3 * self.frames, 48, 96)),
            "mels": torch.from_numpy(mels),
            "frames": torch.tensor(starts),
        }
        if self.code_frames:
            item |= {"clean_mels": clean_mels, **self._auxiliary(track, starts, view)}
        return item

    def _auxiliary(self, track: Track, starts: Sequence[int], view: View) -> Batch:
        codes, landmarks = track.lips, track.landmarks
        assert codes is not None and landmarks is not None
        lips = np.stack([landmarks[at : at + self.frames, : len(LIPS)] for at in starts])
        points = project_points(lips, view, 96) - np.array((0, 48), np.float32)
        if view.flip:
            points = points[:, :, MIRROR[: len(LIPS)]]
        return {
            "codes": torch.from_numpy(
                np.stack([codes[at : at + self.code_frames] for at in starts])
            ),
            "points": torch.from_numpy(points),
        }


class CodeWindows(Windows):
    """For the audio encoder: several windows of one clip, of tracks with lip codes.

    Items: `codes` (M, T, codes), `mels` (M, T, 1, 80, 16) the generator's windows of each frame,
    `clean_mels` (M, 1, 80, 16) the unchanged sound of all T.
    """

    def __init__(self, source: WindowSource, *, frames: int, count: int, mel_offset: int) -> None:
        super().__init__(source.with_landmarks())
        self.frames, self.count, self.mel_offset = frames, count, mel_offset

    def cut(self, track: Track, rng: np.random.Generator) -> Batch:
        """See the class."""
        starts = window_starts(len(track) - self.frames, self.count, rng)
        codes = track.lips
        assert codes is not None
        frames = [at + step for at in starts for step in range(self.frames)]
        mels = sound_windows(track, frames, offset=self.mel_offset)
        if self.augment:
            mels = torch.from_numpy(augment_mels(mels[:, 0].numpy(), self.augment, rng))[:, None]
        return {
            "codes": torch.from_numpy(codes[frames]).reshape(self.count, self.frames, -1),
            "mels": mels.reshape(self.count, self.frames, *mels.shape[1:]),
            "clean_mels": sound_windows(track, starts),
        }


class FaceWindows(Windows):
    """For a generator: contiguous target frames, and a reference window from elsewhere.

    Items: `faces` (T, 6, S, S) pose prior ‖ reference, `target` (T, 3, S, S),
    `mels` (T, 1, bins, steps) the generator's windows, `sync_mel` (1, 80, 16) the expert's,
    `wrong_mels` as `mels`, of another place (LipGAN's out-of-sync pairs).

    With `guided`, tracks need what `training lips` writes. Items then have `lips` (T, codes) and
    `mouth` (T, 1, S, S), 1 around the lips; the reference is one whose mouth differs much from
    the target's, turned to where the target's head is, as it is at inference.
    """

    def __init__(
        self,
        source: WindowSource,
        *,
        frames: int,
        size: int,
        form: AudioForm = MEL_16,
        mel_offset: int = 0,
        guided: bool = False,
    ) -> None:
        super().__init__(source.with_landmarks() if guided else source)
        self.frames, self.size, self.form, self.mel_offset = frames, size, form, mel_offset
        self.guided = guided

    def cut(self, track: Track, rng: np.random.Generator) -> Batch:
        """See the class."""
        last = len(track) - self.frames
        start = int(rng.integers(last + 1))
        reference = sample_apart(start, last, self.frames, rng)
        wrong = sample_apart(start, last, self.frames, rng)
        view = sample_view(self.augment, rng) if self.augment else PLAIN_VIEW
        guides, motions = Batch(), None
        if self.guided:
            reference, motions = self._reference(track, start, last, rng)
            guides = self._guides(track, start, view)
        target = render_faces(self._faces(track, start), view, self.size)
        other = render_faces(self._faces(track, reference), view, self.size, motions=motions)
        mels, sync_mel = self._mels(track, (start, wrong), rng)
        return guides | {
            "faces": with_pose_prior(torch.from_numpy(target), torch.from_numpy(other)),
            "target": torch.from_numpy(target),
            "mels": mels[: self.frames],
            "wrong_mels": mels[self.frames :],
            "sync_mel": sync_mel,
        }

    def _faces(self, track: Track, start: int) -> npt.NDArray[np.uint8]:
        return track.faces[start : start + self.frames]

    def _mels(
        self, track: Track, starts: Sequence[int], rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """The generator's windows of all frames from each start, and the first start's expert's."""
        frames = [at + step for at in starts for step in range(self.frames)]
        mels = sound_windows(track, frames, form=self.form, offset=self.mel_offset)
        sync_mel = sound_windows(track, starts[:1])
        if self.augment and self.form.bins == MEL_16.bins:
            joined = np.concatenate((mels[:, 0].numpy(), _widened(sync_mel, self.form)), 0)
            mels = torch.from_numpy(augment_mels(joined, self.augment, rng))[: len(mels), None]
        return mels, sync_mel[0]

    def _reference(
        self, track: Track, start: int, last: int, rng: np.random.Generator
    ) -> tuple[int, list[npt.NDArray[np.float32]]]:
        """First frame of the reference, and the motions from the target's heads to its heads."""
        codes, points = track.lips, track.landmarks
        assert codes is not None and points is not None
        places = sorted({sample_apart(start, last, self.frames, rng) for _ in range(REFERENCES)})
        near = points[start, HEAD_PART, :2]
        gains = [
            np.linalg.norm(codes[at] - codes[start])
            - HEAD_MOTION_COST * np.abs(points[at, HEAD_PART, :2] - near).mean()
            for at in places
        ]
        reference = places[int(np.argmax(gains))]
        motions = [
            head_motion(points[start + step], points[reference + step])
            for step in range(self.frames)
        ]
        return reference, motions

    def _guides(self, track: Track, start: int, view: View) -> Batch:
        codes, points = track.lips, track.landmarks
        assert codes is not None and points is not None
        window = slice(start, start + self.frames)
        masks = [mouth_mask(lips, view, self.size) for lips in points[window, : len(LIPS)]]
        return {
            "lips": torch.from_numpy(codes[window]),
            "mouth": torch.from_numpy(np.stack(masks)),
        }


def _widened(sync_mel: Tensor, form: AudioForm) -> npt.NDArray[np.float32]:
    """The expert's window padded to another form's width, so that both are changed alike."""
    out = np.full((1, form.bins, form.steps), form.silence, np.float32)
    steps = min(form.steps, sync_mel.shape[-1])
    out[..., :steps] = sync_mel[0, :, :, :steps].numpy()
    return out
