"""The settings of a training run: one strict YAML file, one class a topic.

A digest of the whole goes into every exported checkpoint, so that weights name their recipe.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from f2f.strict_config import Topic, overridden, read_yaml, validated
from lipsync.audio import MEL_16
from training.tasks import (
    AudioEncoderTask,
    ExpertTask,
    LipGanTask,
    TranslationTask,
    Wav2LipTask,
)

Beta = Annotated[float, Field(ge=0.0, lt=1.0)]
LARGEST_SEED = 2**63 - 1


class Data(Topic):
    packed: Path = Path("packed")
    """Folder that `python -m training preprocess` filled."""
    name: str = "unnamed data"
    """What the weights are said to be made from."""
    licence: str = "research use"
    """The terms that follow from the data's."""
    sampling_exponent: float = Field(default=0.5, ge=0.0, le=1.0)
    """A speaker is drawn in proportion to (their frames) ** this: 0 all alike, 1 by minute.
    A language likewise, by its pairs."""
    workers: int = Field(default=0, ge=0)
    """Loader processes; 0 loads in the training process."""


class Augment(Topic):
    scale: float = Field(default=0.12, ge=0.0, le=0.15)
    """Side of the face's box, drawn within ± this part."""
    shift: float = Field(default=0.04, ge=0.0, le=0.2)
    """The box is moved by up to this part of its side."""
    flip: bool = True
    """Mirror half of the windows."""
    brightness: float = Field(default=0.2, ge=0.0, lt=1.0)
    """Gain of all colours, ± this part; each colour alone by half of it."""
    offset: float = Field(default=0.08, ge=0.0, lt=1.0)
    """Added to all colours, in ± this part of full scale."""
    loudness: float = Field(default=0.4, ge=0.0)
    """Gain of the sound, in ± mel units (12.5 dB each)."""
    equaliser: float = Field(default=0.2, ge=0.0)
    """Random smooth curve over the mel bins, standard deviation in mel units."""
    noise: float = Field(default=0.2, ge=0.0)
    """Most noise on mel values, standard deviation in mel units."""
    mask: int = Field(default=8, ge=0, le=MEL_16.bins)
    """Most mel bins silenced in a third of the windows (SpecAugment)."""


class Optimiser(Topic):
    rate: float = Field(default=1e-4, gt=0.0)
    """Learning rate of Adam at its height."""
    betas: tuple[Beta, Beta] = (0.5, 0.999)
    """Adam's; the thesis has 0.5 and 0.999."""
    weight_decay: float = Field(default=0.0, ge=0.0)
    """Decoupled (AdamW)."""
    parts: dict[str, float] = Field(default_factory=dict)
    """Part of the rate with which a module of the recipe learns, by its name; 1 if not named."""
    warm_up: int = Field(default=0, ge=0)
    """Steps from zero to the full rate."""
    decay: float = Field(default=0.0, ge=0.0, le=1.0)
    """Last part of the steps over which the rate falls on a line, to 2% of its height."""
    clip: float = Field(default=0.0, ge=0.0)
    """Largest norm of a gradient; 0 leaves it."""


class Run(Topic):
    steps: int = Field(default=100_000, ge=1)
    """Optimiser steps."""
    batch: int = Field(default=16, ge=1)
    """Windows (clips for the expert, about so many pairs for a translator) in a micro-batch, in
    each process."""
    accumulate: int = Field(default=1, ge=1)
    """Micro-batches a step."""
    precision: Literal["fp32", "bf16"] = "bf16"
    """bf16 is autocast; weights and the optimiser stay in fp32."""
    channels_last: bool = True
    """Memory order of pictures."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:0 …"""
    threads: int = Field(default=0, ge=0, le=1024)
    """CPU threads; 0 leaves torch's choice."""
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED)
    """Seeds weights, sampling and augmentation."""
    ema: float = Field(default=0.999, ge=0.0, lt=1.0)
    """Decay of the averaged weights, which are what is exported; 0 averages nothing."""
    save_minutes: float = Field(default=10.0, gt=0.0)
    """Minutes between checkpoints."""
    log_every: int = Field(default=50, ge=1)
    """Steps between lines of the log."""
    evaluate_every: int = Field(default=3000, ge=1)
    """Steps between evaluations (published code: 3,000)."""


class Settings(Topic):
    """One training run."""

    model: Literal["expert", "wav2lip", "audio-encoder", "lipgan", "translate"]
    """The recipe."""
    out: Path
    """Folder for checkpoints, the log and exports."""
    data: Data = Data()
    augment: Augment = Augment()
    optimiser: Optimiser = Optimiser()
    run: Run = Run()
    expert: ExpertTask = ExpertTask()
    wav2lip: Wav2LipTask = Wav2LipTask()
    audio_encoder: AudioEncoderTask = AudioEncoderTask()
    lipgan: LipGanTask = LipGanTask()
    translation: TranslationTask = TranslationTask()

    def digest(self) -> str:
        """SHA-256 of everything but the places of files."""
        content = self.model_dump(mode="json")
        del content["out"], content["data"]["packed"]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def load(path: Path, overrides: Sequence[str] = ()) -> Settings:
    """Read a training configuration.

    Args:
        path: a YAML file.
        overrides: "topic.field=value" lines that win over the file.

    Raises:
        ConfigError: no such file, or a field that is unknown or out of range.
    """
    return validated(Settings, overridden(read_yaml(path), overrides))
