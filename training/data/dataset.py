"""Windows of faces and sound, drawn from the packed tracks.

Sample number n depends on the seed and on n alone, never on the worker that draws it or on what
was drawn before: a resumed run goes on with exactly the samples that it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from lipsync.audio import MEL_16, AudioForm
from lipsync.crops import with_pose_prior
from training.data.augment import PLAIN, Look, draw_look, hear, mouth_mask, placed, see
from training.data.excerpts import sound_windows, with_landmarks
from training.data.landmarks import LIPS, MIRROR, head_motion
from training.data.packed import Track
from training.data.sampling import Speakers, elsewhere, spread
from training.parallel import World
from training.settings import Augment, Data, Settings

Batch = dict[str, Tensor]

REFERENCES = 6
"""Places among which a guided window's reference is chosen."""
TURNED = 0.25
"""Lip code distance that a head's mean motion of one packed pixel counts against."""
HEAD_PART = slice(len(LIPS), None)
"""Landmarks of the head among all."""


class _Windows(Dataset[Batch]):
    def __init__(self, tracks: Sequence[Track], data: Data, augment: Augment | None, seed: int):
        self.speakers = Speakers(tracks, data.temper)
        self.augment = augment
        self.seed = seed

    def __getitem__(self, number: int) -> Batch:
        rng = np.random.default_rng((self.seed, number))
        return self.cut(self.speakers.draw(rng), rng)

    def cut(self, track: Track, rng: np.random.Generator) -> Batch:
        raise NotImplementedError


class SyncWindows(_Windows):
    """For the expert: several true pairs of one clip, so that each is a false one for the others.

    Items: `mouths` (M, 3·Tv, 48, 96), `mels` (M, 1, 80, 16), `frames` (M,) first frames.

    With `told` frames, tracks need what `training lips` writes. Items then have what a teacher is
    asked about: `codes` (M, told, codes) of the lips and `heard` (M, 1, 80, 16), the unchanged
    sound; and `points` (M, Tv, 40, 2), the lips in pixels of `mouths`.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        data: Data,
        augment: Augment | None,
        seed: int,
        *,
        frames: int,
        count: int,
        told: int = 0,
    ) -> None:
        super().__init__(with_landmarks(tracks) if told else tracks, data, augment, seed)
        self.frames, self.count, self.told = frames, count, told

    def cut(self, track: Track, rng: np.random.Generator) -> Batch:
        starts = spread(len(track) - max(self.frames, self.told), self.count, rng)
        look = draw_look(self.augment, rng) if self.augment else PLAIN
        mouths = np.concatenate(
            [see(track.faces[at : at + self.frames], look, 96, lower_half=True) for at in starts]
        ).reshape(self.count, 3 * self.frames, 48, 96)
        heard = sound_windows(track, starts)
        mels = heard.numpy()
        if self.augment:
            mels = hear(mels[:, 0], self.augment, rng)[:, None]
        more = self._lesson(track, starts, look) | {"heard": heard} if self.told else Batch()
        return more | {
            "mouths": torch.from_numpy(mouths),
            "mels": torch.from_numpy(mels),
            "frames": torch.tensor(starts),
        }

    def _lesson(self, track: Track, starts: Sequence[int], look: Look) -> Batch:
        codes, found = track.lips, track.landmarks
        assert codes is not None and found is not None
        windows = [found[at : at + self.frames, : len(LIPS)] for at in starts]
        points = placed(np.stack(windows), look, 96) - np.array((0, 48), np.float32)
        if look.flip:
            points = points[:, :, MIRROR[: len(LIPS)]]
        return {
            "codes": torch.from_numpy(np.stack([codes[at : at + self.told] for at in starts])),
            "points": torch.from_numpy(points),
        }


class CodeWindows(_Windows):
    """For the audio encoder: several windows of one clip, of tracks with lip codes.

    Items: `codes` (M, T, codes), `mels` (M, T, 1, 80, 16) the generator's windows of each frame,
    `heard` (M, 1, 80, 16) the unchanged sound of all T.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        data: Data,
        augment: Augment | None,
        seed: int,
        *,
        frames: int,
        count: int,
        mel_offset: int,
    ) -> None:
        super().__init__(with_landmarks(tracks), data, augment, seed)
        self.frames, self.count, self.mel_offset = frames, count, mel_offset

    def cut(self, track: Track, rng: np.random.Generator) -> Batch:
        starts = spread(len(track) - self.frames, self.count, rng)
        codes = track.lips
        assert codes is not None
        frames = [at + step for at in starts for step in range(self.frames)]
        mels = sound_windows(track, frames, offset=self.mel_offset)
        if self.augment:
            mels = torch.from_numpy(hear(mels[:, 0].numpy(), self.augment, rng))[:, None]
        return {
            "codes": torch.from_numpy(codes[frames]).reshape(self.count, self.frames, -1),
            "mels": mels.reshape(self.count, self.frames, *mels.shape[1:]),
            "heard": sound_windows(track, starts),
        }


class FaceWindows(_Windows):
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
        tracks: Sequence[Track],
        data: Data,
        augment: Augment | None,
        seed: int,
        *,
        frames: int,
        size: int,
        form: AudioForm = MEL_16,
        mel_offset: int = 0,
        guided: bool = False,
    ) -> None:
        super().__init__(with_landmarks(tracks) if guided else tracks, data, augment, seed)
        self.frames, self.size, self.form, self.mel_offset = frames, size, form, mel_offset
        self.guided = guided

    def cut(self, track: Track, rng: np.random.Generator) -> Batch:
        last = len(track) - self.frames
        start = int(rng.integers(last + 1))
        reference = elsewhere(start, last, self.frames, rng)
        wrong = elsewhere(start, last, self.frames, rng)
        look = draw_look(self.augment, rng) if self.augment else PLAIN
        more, motions = Batch(), None
        if self.guided:
            reference, motions = self._reference(track, start, last, rng)
            more = self._guides(track, start, look)
        target = torch.from_numpy(see(self._shown(track, start), look, self.size))
        other = torch.from_numpy(
            see(self._shown(track, reference), look, self.size, motions=motions)
        )
        heard = [range(at, at + self.frames) for at in (start, wrong)]
        mels = torch.cat(
            [sound_windows(track, part, form=self.form, offset=self.mel_offset) for part in heard]
        )
        sync = sound_windows(track, [start])
        if self.augment and self.form.bins == MEL_16.bins:
            joined = np.concatenate((mels[:, 0].numpy(), _as_wide(sync, self.form)), 0)
            changed = torch.from_numpy(hear(joined, self.augment, rng))
            mels = changed[: len(mels), None]
        return more | {
            "faces": with_pose_prior(target, other),
            "target": target,
            "mels": mels[: self.frames],
            "wrong_mels": mels[self.frames :],
            "sync_mel": sync[0],
        }

    def _shown(self, track: Track, start: int) -> npt.NDArray[np.uint8]:
        return track.faces[start : start + self.frames]

    def _reference(
        self, track: Track, start: int, last: int, rng: np.random.Generator
    ) -> tuple[int, list[npt.NDArray[np.float32]]]:
        """First frame of the reference, and the motions from the target's heads to its heads."""
        codes, points = track.lips, track.landmarks
        assert codes is not None and points is not None
        places = sorted({elsewhere(start, last, self.frames, rng) for _ in range(REFERENCES)})
        near = points[start, HEAD_PART, :2]
        gains = [
            np.linalg.norm(codes[at] - codes[start])
            - TURNED * np.abs(points[at, HEAD_PART, :2] - near).mean()
            for at in places
        ]
        reference = places[int(np.argmax(gains))]
        motions = [
            head_motion(points[start + step], points[reference + step])
            for step in range(self.frames)
        ]
        return reference, motions

    def _guides(self, track: Track, start: int, look: Look) -> Batch:
        codes, points = track.lips, track.landmarks
        assert codes is not None and points is not None
        window = slice(start, start + self.frames)
        masks = [mouth_mask(lips, look, self.size) for lips in points[window, : len(LIPS)]]
        return {
            "lips": torch.from_numpy(codes[window]),
            "mouth": torch.from_numpy(np.stack(masks)),
        }


def _as_wide(sync: Tensor, form: AudioForm) -> npt.NDArray[np.float32]:
    """The expert's window padded to another form's width, so that both are changed alike."""
    out = np.full((1, form.bins, form.steps), form.silence, np.float32)
    steps = min(form.steps, sync.shape[-1])
    out[..., :steps] = sync[0, :, :, :steps].numpy()
    return out


class _From(Sampler[int]):
    """Sample numbers of one process: first + rank, and so on in steps of the world's size."""

    def __init__(self, first: int, rank: int, world: int) -> None:
        self.first, self.rank, self.world = first, rank, world

    def __iter__(self) -> Iterator[int]:
        number = self.first + self.rank
        while True:
            yield number
            number += self.world


def load(
    dataset: _Windows, *, batch: int, first: int, rank: int, world: int, workers: int
) -> Iterator[Batch]:
    """Endless batches from sample number `first` on, shared among `world` processes."""
    loader: DataLoader[Batch] = DataLoader(
        dataset,
        batch_size=batch,
        sampler=_From(first, rank, world),
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=torch.cuda.is_available(),
    )
    return iter(loader)


def load_split(
    dataset: _Windows, settings: Settings, *, first: int, world: World, training: bool
) -> Iterator[Batch]:
    """`load` as a run's settings say; held-out windows are loaded in this process."""
    return load(
        dataset,
        batch=settings.run.batch,
        first=first,
        rank=world.rank,
        world=world.size,
        workers=settings.data.workers if training else 0,
    )
