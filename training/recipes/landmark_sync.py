"""Training of the landmark-sync net, and every track's offset as it finds it.

What the net knows of a clip serves twice: the shift at which its lips and sound agree best is its
offset, and its embeddings are targets of the expert's auxiliary tasks.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from f2f.errors import InputError
from training.data import offsets
from training.data.excerpts import sound_windows
from training.data.offsets import Estimate
from training.data.packed import TRAIN, VAL, Track, every_track
from training.data.sampling import Speakers, window_starts
from training.recipes import landmark_sync_net
from training.recipes.landmark_sync_net import FRAMES, SIZE, LandmarkSyncNet, centred_contrast
from training.similarity import centred, cosines, rank

log = logging.getLogger(__name__)

CLIPS, WINDOWS = 24, 10
"""Clips in a step, and windows of each."""
RATE, WARM_UP, DECAY = 2e-3, 50, 0.02
"""Adam's rate, steps until it is reached, and its weight decay."""
JITTER = 0.1
"""Noise on codes, in their standard deviations, and on mel values."""
LOUDNESS = 0.3
"""Standard deviation of a clip's gain, in mel units."""
LEAST_CONFIDENCE = 0.03
"""How clearly (LSE-C) a long track's sound must fit, or it is dropped."""
LOG_EVERY = 200
"""Steps."""
ROUNDS = 2
"""The first learns from shifted pairs, the second from corrected ones."""
FILE = "landmark_sync.safetensors"
"""In the packed folder, unless another is named."""


@dataclass(frozen=True, slots=True, eq=False)
class CodedTrack:
    """A track and the codes of its lips, held in memory."""

    track: Track
    codes: Tensor
    """(N, CODES)."""

    def __len__(self) -> int:
        """Windows."""
        return len(self.codes) - FRAMES + 1

    def windows(self, starts: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Codes (M, FRAMES, CODES) and sounds (M, 1, 80, 16) of some first frames."""
        codes = torch.stack([self.codes[at : at + FRAMES] for at in starts])
        return codes, sound_windows(self.track, starts)


def fit(net: LandmarkSyncNet, tracks: Sequence[CodedTrack], *, steps: int, seed: int) -> None:
    """Train the net, in place."""
    net.spread.copy_(torch.cat([each.codes for each in tracks]).std(0).clamp_min(1e-3))
    batches = draw(tracks, seed)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    net.train()
    total = 0.0
    for step in range(1, steps + 1):
        optimiser.param_groups[0]["lr"] = RATE * min(1, step / WARM_UP, 1.05 - step / steps)
        codes, mels = next(batches)
        codes = codes + JITTER * net.spread * torch.randn_like(codes)
        gains = LOUDNESS * torch.randn(CLIPS, 1, 1, 1).repeat_interleave(WINDOWS, 0)
        mels = mels + gains + JITTER * torch.randn_like(mels)
        embeddings = (net.embed_lips(codes), net.embed_audio(mels))
        loss = centred_contrast(*(part.view(CLIPS, WINDOWS, SIZE) for part in embeddings))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        total += float(loss.detach())
        if step % LOG_EVERY == 0 or step == steps:
            log.info("step %d  contrast %.3f", step, total / ((step - 1) % LOG_EVERY + 1))
            total = 0.0
    net.eval()


def draw(tracks: Sequence[CodedTrack], seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches: (CLIPS·WINDOWS, FRAMES, CODES) and (CLIPS·WINDOWS, 1, 80, 16)."""
    rng = np.random.default_rng(seed)
    by_name = {each.track.name: each for each in tracks}
    speakers = Speakers([each.track for each in tracks], 0.5)
    while True:
        drawn = [by_name[speakers.draw(rng).name] for _ in range(CLIPS)]
        pairs = [each.windows(window_starts(len(each) - 1, WINDOWS, rng)) for each in drawn]
        yield torch.cat([codes for codes, _ in pairs]), torch.cat([mels for _, mels in pairs])


@torch.no_grad()
def embed(net: LandmarkSyncNet, track: CodedTrack) -> tuple[Tensor, Tensor]:
    """A whole track's lips and sound, (N, SIZE) each."""
    codes, mels = track.windows(range(len(track)))
    return net.embed_lips(codes), net.embed_audio(mels)


def mean_rank(net: LandmarkSyncNet, tracks: Sequence[CodedTrack]) -> float:
    """`training.similarity.rank` of windows that share no frame, tracks weighing alike."""
    embeddings = (map(centred, embed(net, track)) for track in tracks)
    ranks = [rank(cosines(*pair), apart=FRAMES) for pair in embeddings]
    return float(np.nanmean(ranks)) if ranks else float("nan")


def estimates(net: LandmarkSyncNet, tracks: Sequence[CodedTrack]) -> list[Estimate]:
    """Every track's offset, whatever was assumed of it before."""
    uncorrected = [replace(each, track=replace(each.track, offset=0)) for each in tracks]
    curves = [offsets.distance_curve(*embed(net, each)) for each in uncorrected]
    return offsets.estimate_offsets(
        [each.track for each in uncorrected], curves, least=LEAST_CONFIDENCE
    )


def coded_tracks(folder: Path) -> list[CodedTrack]:
    """Every packed track that has codes, with offset 0.

    Raises:
        InputError: none has.
    """
    found = [
        CodedTrack(track, torch.from_numpy(codes))
        for track in every_track(folder)
        if (codes := track.lips) is not None and len(codes) >= 2 * FRAMES
    ]
    if not any(each.track.split == TRAIN for each in found):
        raise InputError(f"{folder} holds no lip codes to train on: run `python -m training lips`")
    return found


def corrected(tracks: Sequence[CodedTrack], found: Sequence[Estimate]) -> list[CodedTrack]:
    """The tracks that are kept, with their offsets."""
    return [
        replace(each, track=replace(each.track, offset=estimate.offset))
        for each, estimate in zip(tracks, found, strict=True)
        if estimate.kept
    ]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m training landmark-sync`."""
    command = commands.add_parser(
        "landmark-sync", help="learn from lip codes; write every track's offset"
    )
    command.add_argument("packed", type=Path)
    command.add_argument("--out", type=Path, help=f"default: PACKED/{FILE}")
    command.add_argument("--steps", type=int, default=1500, help="of each of the two rounds")
    command.add_argument("--seed", type=int, default=0)
    command.set_defaults(act=_act)


def _act(options: argparse.Namespace) -> int:
    torch.manual_seed(options.seed)
    net, uncorrected = LandmarkSyncNet(), coded_tracks(options.packed)
    tracks, found = uncorrected, list[Estimate]()
    for number in range(1, ROUNDS + 1):
        training = [each for each in tracks if each.track.split == TRAIN]
        fit(net, training, steps=options.steps, seed=options.seed + number)
        found = estimates(net, uncorrected)
        tracks = corrected(uncorrected, found)
        held_out = [each for each in tracks if each.track.split == VAL]
        log.info("round %d: held-out rank %.3f", number, mean_rank(net, held_out))
    offsets.write(options.packed, found)
    landmark_sync_net.save(options.out or options.packed / FILE, net)
    print(offsets.table(found))
    return 0
