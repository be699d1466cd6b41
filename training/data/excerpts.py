"""Faces and windows of sound of a packed track, as the models take them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from f2f.errors import InputError
from lipsync.audio import MEL_16, AudioForm, windows
from lipsync.features import features
from training.data.augment import PLAIN_VIEW, render_faces
from training.data.packed import FPS, Track


def sound_windows(
    track: Track, frames: Sequence[int], *, form: AudioForm = MEL_16, offset: int = 0
) -> Tensor:
    """Windows of a track's sound for the given frames, its own offset corrected.

    Returns:
        (len(frames), 1, form.bins, form.steps).
    """
    if form.bins == MEL_16.bins:
        whole = torch.from_numpy(track.mel)
    else:
        whole = features(torch.from_numpy(track.samples()), form)
    shifted = [frame - track.offset for frame in frames]
    return windows(whole, shifted, FPS, form=form, offset=offset)


def faces_of(track: Track, count: int | None = None, *, size: int = 96) -> Tensor:
    """The first `count` faces as detected, (count, 3, size, size)."""
    return torch.from_numpy(render_faces(track.faces[:count], PLAIN_VIEW, size))


def with_landmarks(tracks: Sequence[Track]) -> list[Track]:
    """The tracks for which `training lips` has run.

    Raises:
        InputError: there is none.
    """
    found = [track for track in tracks if track.lips is not None and track.landmarks is not None]
    if not found:
        raise InputError("no track has landmarks: run `python -m training lips`")
    return found
