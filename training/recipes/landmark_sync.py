"""A small net that hears lip shapes in sound; it corrects offsets and teaches the expert.

From pixels a narrow expert stays at chance for a long time: nothing tells it where to look. From
the lip codes that `training lips` writes the same task is easy: two small nets learn in a minute
or two which sound goes with which five frames. What they know of a clip serves twice: the shift
at which its lips and sound agree best is its offset, and their embeddings are what the expert is
taught to see and hear (`training.recipes.auxiliary_tasks`). Not part of the papers.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from f2f.errors import InputError
from training.data import offsets
from training.data.excerpts import sound_windows
from training.data.lip_codes import CODES
from training.data.offsets import Estimate
from training.data.packed import Track, every_track
from training.data.sampling import Speakers, spread
from training.losses import centred, contrastive, cosines

log = logging.getLogger(__name__)

FRAMES = 5
"""Frames whose lip shapes are told from sound at once: as long as a window of it."""
SIZE = 64
"""Length of an embedding."""
SCALE = 10.0
"""Inverse temperature of the contrast between centred embeddings."""
CLIPS, WINDOWS = 24, 10
"""Clips in a step, and windows of each."""
RATE, WARM_UP, DECAY = 2e-3, 50, 0.02
"""Adam's rate, steps until it is reached, and its weight decay."""
JITTER = 0.1
"""Noise on codes, in their standard deviations, and on mel values."""
LOUDNESS = 0.3
"""Standard deviation of a clip's gain, in mel units."""
LEAST = 0.03
"""How clearly (LSE-C) a long track's sound must fit, or it is dropped."""


class Teacher(nn.Module):
    """Embeds lip codes and sound where those of one moment lie close."""

    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("spread", torch.ones(CODES))
        self.lips = nn.Sequential(
            nn.Linear(FRAMES * CODES, 256), nn.GELU(), nn.Dropout(0.2), nn.Linear(256, SIZE)
        )
        self.sound = nn.Sequential(
            nn.Conv1d(40, 128, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(128, 128, 3, stride=2, padding=1),
            nn.GELU(),
            nn.Flatten(),
            nn.Linear(128 * 8, 256),
            nn.GELU(),
            nn.Dropout(0.3),
            nn.Linear(256, SIZE),
        )

    def see(self, codes: Tensor) -> Tensor:
        """(B, FRAMES, CODES) lip codes to (B, SIZE)."""
        embedded: Tensor = self.lips((codes / self.spread).flatten(1))
        return embedded

    def hear(self, mels: Tensor) -> Tensor:
        """(B, 1, 80, 16) windows of sound to (B, SIZE)."""
        pooled = functional.avg_pool2d(mels, (2, 1))[:, 0] / 2  # (B, 40, 16)
        embedded: Tensor = self.sound(pooled)
        return embedded

    def embed(self, codes: Tensor, mels: Tensor) -> tuple[Tensor, Tensor]:
        """M windows of K clips: (K, M, FRAMES, CODES), (K, M, 1, 80, 16) to (K, M, SIZE) each."""
        shape = (*codes.shape[:2], SIZE)
        seen, heard = self.see(codes.flatten(0, 1)), self.hear(mels.flatten(0, 1))
        return seen.reshape(shape), heard.reshape(shape)


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """A track and the codes of its lips, held in memory."""

    track: Track
    codes: Tensor
    """(N, CODES)."""

    def __len__(self) -> int:
        """Windows."""
        return len(self.codes) - FRAMES + 1

    def windows(self, starts: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Codes (M, FRAMES, CODES) and sounds (M, 1, 80, 16) of some first frames."""
        seen = torch.stack([self.codes[at : at + FRAMES] for at in starts])
        return seen, sound_windows(self.track, starts)


def match(video: Tensor, audio: Tensor) -> Tensor:
    """Contrast inside each clip between centred (K, M, E) embeddings."""
    return contrastive(cosines(centred(video), centred(audio)), SCALE)


def fit(teacher: Teacher, spoken: Sequence[Spoken], *, steps: int, seed: int) -> None:
    """Teach the teacher, in place."""
    pool = torch.cat([each.codes for each in spoken])
    teacher.spread.copy_(pool.std(0).clamp_min(1e-3))
    batches = draw(spoken, seed)
    optimiser = torch.optim.AdamW(teacher.parameters(), lr=RATE, weight_decay=DECAY)
    teacher.train()
    sums = 0.0
    for step in range(1, steps + 1):
        optimiser.param_groups[0]["lr"] = RATE * min(1, step / WARM_UP, 1.05 - step / steps)
        codes, mels = next(batches)
        codes = codes + JITTER * teacher.spread * torch.randn_like(codes)
        gains = LOUDNESS * torch.randn(CLIPS, 1, 1, 1).repeat_interleave(WINDOWS, 0)
        mels = mels + gains + JITTER * torch.randn_like(mels)
        shape = (CLIPS, WINDOWS, SIZE)
        loss = match(teacher.see(codes).view(shape), teacher.hear(mels).view(shape))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        sums += float(loss.detach())
        if step % 200 == 0 or step == steps:
            log.info("step %d  contrast %.3f", step, sums / ((step - 1) % 200 + 1))
            sums = 0.0
    teacher.eval()


def draw(spoken: Sequence[Spoken], seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches: (CLIPS·WINDOWS, FRAMES, CODES) and (CLIPS·WINDOWS, 1, 80, 16)."""
    rng = np.random.default_rng(seed)
    by_name = {each.track.name: each for each in spoken}
    speakers = Speakers([each.track for each in spoken], 0.5)
    while True:
        drawn = [by_name[speakers.draw(rng).name] for _ in range(CLIPS)]
        pairs = [each.windows(spread(len(each) - 1, WINDOWS, rng)) for each in drawn]
        yield torch.cat([codes for codes, _ in pairs]), torch.cat([mels for _, mels in pairs])


@torch.no_grad()
def embed(teacher: Teacher, spoken: Spoken) -> tuple[Tensor, Tensor]:
    """A whole track's lips and sound, (N, SIZE) each."""
    codes, mels = spoken.windows(range(len(spoken)))
    return teacher.see(codes), teacher.hear(mels)


def rank(teacher: Teacher, spoken: Sequence[Spoken], *, apart: int = FRAMES) -> float:
    """How often a true sound lies nearer than a false one of its clip; 0.5 by chance."""
    ranks = []
    for each in spoken:
        video, audio = (centred(part)[None] for part in embed(teacher, each))
        similarity, every = cosines(video, audio)[0], torch.arange(len(each))
        false = (every[:, None] - every).abs() >= apart
        if bool(false.any()):
            higher = similarity.diagonal()[:, None] > similarity
            ranks.append(float(higher[false].float().mean()))
    return float(np.mean(ranks)) if ranks else float("nan")


def estimates(teacher: Teacher, spoken: Sequence[Spoken]) -> list[Estimate]:
    """Every track's offset, whatever was assumed of it before."""
    uncorrected = [replace(each, track=replace(each.track, offset=0)) for each in spoken]
    curves = [offsets.curve(*embed(teacher, each)) for each in uncorrected]
    return offsets.settle([each.track for each in uncorrected], curves, least=LEAST)


def save(path: Path, teacher: Teacher) -> None:
    """Write a teacher as safetensors."""
    save_file({name: tensor.contiguous() for name, tensor in teacher.state_dict().items()}, path)


def load(path: Path) -> Teacher:
    """A frozen teacher.

    Raises:
        InputError: the file is missing or holds something else.
    """
    teacher = Teacher()
    try:
        teacher.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise InputError(f"{path} holds no teacher: run `python -m training teacher`") from error
    return teacher.eval().requires_grad_(False)


def spoken_tracks(folder: Path) -> list[Spoken]:
    """Every packed track that has codes, with offset 0.

    Raises:
        InputError: none has.
    """
    found = [
        Spoken(track, torch.from_numpy(codes))
        for track in every_track(folder)
        if (codes := track.lips) is not None and len(codes) >= 2 * FRAMES
    ]
    if not any(each.track.split == "train" for each in found):
        raise InputError(f"{folder} holds no lip codes to train on: run `python -m training lips`")
    return found


def shifted(spoken: Sequence[Spoken], found: Sequence[Estimate]) -> list[Spoken]:
    """The tracks that are kept, corrected."""
    return [
        replace(each, track=replace(each.track, offset=estimate.offset))
        for each, estimate in zip(spoken, found, strict=True)
        if estimate.kept
    ]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m training teacher`."""
    command = commands.add_parser("teacher", help="learn from lip codes; write every offset")
    command.add_argument("packed", type=Path)
    command.add_argument("--out", type=Path, help="default: PACKED/teacher.safetensors")
    command.add_argument("--steps", type=int, default=1500, help="of each of the two rounds")
    command.add_argument("--seed", type=int, default=0)
    command.set_defaults(act=_act)


def _act(chosen: argparse.Namespace) -> int:
    torch.manual_seed(chosen.seed)
    teacher, uncorrected = Teacher(), spoken_tracks(chosen.packed)
    usable = uncorrected
    for turn in (1, 2):  # the first round learns from shifted pairs, the second from corrected
        training = [each for each in usable if each.track.split == "train"]
        fit(teacher, training, steps=chosen.steps, seed=chosen.seed + turn)
        found = estimates(teacher, uncorrected)
        usable = shifted(uncorrected, found)
        held_out = [each for each in usable if each.track.split == "val"]
        log.info("round %d: held-out rank %.3f", turn, rank(teacher, held_out))
    offsets.write(chosen.packed, found)
    save(chosen.out or chosen.packed / "teacher.safetensors", teacher)
    print(offsets.table(found))
    return 0
