"""Whose face speaks whose sound: sampled pairs, and the published lists of them.

LRS2, LRW, LRS3    "sound video" a line, without suffix, relative to the data's root
ReSyncED           "video sound" a line, with suffixes; dubbed films speak their own sound
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np

from f2f.errors import InputError
from training.data.jobs import SUFFIXES
from training.data.packed import Track

ListForm = Literal["lrs", "resynced"]

LRS_SUFFIX = ".mp4"


@dataclass(frozen=True, slots=True)
class Pair:
    """One test: this video is to speak that sound."""

    video: str
    sound: str
    """A video or sound file; only its sound is used."""


def read_list(path: Path, form: ListForm) -> list[Pair]:
    """Pairs of a published list.

    Args:
        path: a text file, one pair a line; empty lines are passed over.
        form: whose lists.

    Raises:
        InputError: no such file, no pair in it, or a line that is not two names.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the list {path}: {error}") from error
    pairs = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words:
            continue
        if len(words) != 2:
            raise InputError(f"{path.name}, line {number}: two names are needed, not '{line}'")
        first, second = words
        if form == "lrs":
            pairs.append(Pair(video=second + LRS_SUFFIX, sound=first + LRS_SUFFIX))
        else:
            pairs.append(Pair(video=first, sound=second))
    if not pairs:
        raise InputError(f"{path.name} holds no pair")
    return pairs


def dubbed(folder: Path) -> list[Pair]:
    """ReSyncED's dubbed films: every video of a folder with its own (wrong) sound."""
    names = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not names:
        raise InputError(f"{folder} holds no video")
    return [Pair(video=name, sound=name) for name in names]


def listed_tracks(pairs: Sequence[Pair], tracks: Sequence[Track]) -> list[tuple[Track, Track]]:
    """(video, sound) of every listed pair, the first face of each clip; longer sounds are cut.

    Raises:
        InputError: a clip that is listed is not packed.
    """
    found: dict[str, Track] = {}
    for track in tracks:
        found.setdefault(track.file, track)
    for track in tracks:  # lists leave suffixes out, or name another copy of the same recording
        found.setdefault(_stem(track.file), track)
    chosen = {
        name: found.get(name) or found.get(_stem(name))
        for pair in pairs
        for name in (pair.video, pair.sound)
    }
    missing = [name for name, track in chosen.items() if track is None]
    if missing:
        raise InputError(
            f"{len(missing)} listed clips are not packed, or not in this split: {min(missing)} …"
        )
    packed = {name: track for name, track in chosen.items() if track is not None}
    return [(packed[pair.video], packed[pair.sound].cut(len(packed[pair.video]))) for pair in pairs]


def _stem(file: str) -> str:
    return str(PurePosixPath(file).with_suffix(""))


def sample_pairs(
    lengths: Sequence[int], count: int, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Random pairs under the rule of the thesis, 3.5.6.2: sound no longer than the video.

    Every video comes up once before any comes up twice; nobody speaks their own sound.

    Args:
        lengths: of the clips, in frames.
        count: pairs wanted.
        rng: decides.

    Returns:
        (video, sound) numbers of clips; a clip with no shorter partner is left out.

    Raises:
        InputError: no two clips can be paired.
    """
    partners = {
        video: [sound for sound, n in enumerate(lengths) if sound != video and n <= length]
        for video, length in enumerate(lengths)
    }
    able = [video for video, sounds in partners.items() if sounds]
    if not able:
        raise InputError("no clip has a partner whose sound is no longer")
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count:
        for place in rng.permutation(len(able))[: count - len(pairs)]:
            video = able[int(place)]
            pairs.append((video, partners[video][int(rng.integers(len(partners[video])))]))
    return pairs
