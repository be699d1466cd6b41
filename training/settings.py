"""What a training run is told: one strict YAML file, one class a topic.

A digest of the whole goes into every exported checkpoint, so that weights name their recipe.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from f2f.errors import ConfigError


class _Topic(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Data(_Topic):
    packed: Path = Path("packed")
    """Folder that `python -m training preprocess` filled."""
    name: str = "unnamed data"
    """What the weights are said to be made from."""
    licence: str = "research use"
    """The terms that follow from the data's."""
    temper: float = Field(default=0.5, ge=0.0, le=1.0)
    """A speaker is drawn in proportion to (their frames) ** temper: 0 all alike, 1 by minute."""
    workers: int = Field(default=0, ge=0)
    """Loader processes; 0 loads in the training process."""


class Augment(_Topic):
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
    mask: int = Field(default=8, ge=0)
    """Most mel bins silenced in a third of the windows (SpecAugment)."""


class Optimiser(_Topic):
    rate: float = Field(default=1e-4, gt=0.0)
    """Learning rate of Adam at its height."""
    betas: tuple[float, float] = (0.5, 0.999)
    """Adam's; the thesis has 0.5 and 0.999."""
    weight_decay: float = Field(default=0.0, ge=0.0)
    """Decoupled (AdamW)."""
    warm_up: int = Field(default=0, ge=0)
    """Steps from zero to the full rate."""
    decay: float = Field(default=0.0, ge=0.0, le=1.0)
    """Last part of the steps over which the rate falls on a line, to 2% of its height."""
    clip: float = Field(default=0.0, ge=0.0)
    """Largest norm of a gradient; 0 leaves it."""


class Run(_Topic):
    steps: int = Field(default=100_000, ge=1)
    """Optimiser steps."""
    batch: int = Field(default=16, ge=1)
    """Windows (clips, for the expert) in a micro-batch, in each process."""
    accumulate: int = Field(default=1, ge=1)
    """Micro-batches a step."""
    precision: Literal["fp32", "bf16"] = "bf16"
    """bf16 is autocast; weights and the optimiser stay in fp32."""
    channels_last: bool = True
    """Memory order of pictures."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:0 …"""
    threads: int = Field(default=0, ge=0)
    """CPU threads; 0 leaves torch's choice."""
    seed: int = 0
    """Seeds weights, sampling and augmentation."""
    ema: float = Field(default=0.999, ge=0.0, lt=1.0)
    """Decay of the averaged weights, which are what is exported; 0 averages nothing."""
    save_minutes: float = Field(default=10.0, gt=0.0)
    """Minutes between checkpoints."""
    log_every: int = Field(default=50, ge=1)
    """Steps between lines of the log."""
    evaluate_every: int = Field(default=3000, ge=1)
    """Steps between evaluations (published code: 3,000)."""


class ExpertTask(_Topic):
    frames: int = Field(default=5, ge=1)
    """Tv."""
    width: float = Field(default=1.0, gt=0.0)
    """Channel multiplier."""
    windows: int = Field(default=2, ge=2)
    """Windows of sound and picture taken from each drawn clip; 2 is a true and a false one."""
    contrastive: float = Field(default=0.0, ge=0.0)
    """Weight of the multi-way contrastive loss over a clip's windows ("Perfect Match"), the
    warm-up that takes a narrow expert off the plateau; 0 is the published recipe."""
    classify: float = Field(default=1.0, ge=0.0)
    """Weight of the published loss: cross-entropy of P_sync."""
    calibrate: float = Field(default=1.0, gt=0.0, le=1.0)
    """Last part of the steps in which `classify` is in force; 1, all of them, is as published."""
    teacher: Path | None = None
    """What `python -m training teacher` wrote; needed unless `taught` is 0."""
    taught: float = Field(default=0.0, ge=0.0)
    """Weight of a lesson in lip landmarks and the teacher's embeddings (`training.recipes.auxiliary_tasks`): a help
    for a narrow expert with little data. 0 is the published recipe."""
    start: Path | None = None
    """Checkpoint to start from; for another Tv only what fits is taken."""


class Wav2LipTask(_Topic):
    width: float = Field(default=1.0, gt=0.0)
    """Channel multiplier."""
    size: int = 96
    """Side of the face in pixels."""
    frames: int = Field(default=5, ge=1)
    """Contiguous frames of a window (T); the sync loss needs the expert's Tv."""
    mel_offset: int = 0
    """Steps by which a frame's window of sound starts after the frame; see `lipsync.audio`."""
    expert: Path | None = None
    """The frozen judge; needed unless `sync_weight` is 0."""
    sync_weight: float = Field(default=0.03, ge=0.0, lt=1.0)
    """s_w, once it is switched on."""
    sync_below: float = Field(default=0.75, ge=0.0)
    """The evaluation's sync loss under which s_w is switched on."""
    adversarial_weight: float = Field(default=0.0, ge=0.0, lt=1.0)
    """s_g; 0.07 trains Wav2Lip + GAN."""
    quality_width: float = Field(default=1.0, gt=0.0)
    """Channel multiplier of the visual-quality discriminator."""
    lower_half: float = Field(default=0.0, ge=0.0)
    """Extra weight of the lower half in the reconstruction; 0 is eq. 3.5."""
    edges: float = Field(default=0.0, ge=0.0)
    """Weight of the L1 of the lower half's pixel-to-pixel differences, against blur; 0 as
    published."""
    guided: float = Field(default=0.0, ge=0.0, le=1.0)
    """Part of the windows made from their true lip codes in place of their sound, while the audio
    encoder learns those codes: a help for a narrow generator (`training lips` makes the codes,
    see `training.data.lip_codes`). 0 is the published recipe."""
    guide: float = Field(default=0.2, ge=0.0)
    """Weight of the audio encoder's squared distance from the codes, where `guided` is not 0."""
    unguided: float = Field(default=1.0, ge=0.0)
    """Weight of the reconstruction of windows made from their sound, where `guided` is not 0. What
    sound does not tell, an L1 answers with a mean mouth: 0 leaves those lips to the expert."""
    mouth: float = Field(default=0.0, ge=0.0)
    """Extra weight of the lips' surroundings in the reconstruction, where `guided` is not 0."""
    copying: bool = False
    """Begin with outermost layers that pass the reference on, and hold their norms: the rest then
    learns what to change. Not in the papers."""
    start: Path | None = None
    """Generator checkpoint to start from."""
    tune_expert: bool = False
    """Let the expert go on learning, with generated faces as out of sync: what the thesis warns of
    (table 3.4, fine-tuned). Its weights are exported beside the generator's."""
    hear_as_expert: bool = False
    """Begin with the expert's audio encoder, where the layers agree."""


class HearingTask(_Topic):
    start: Path | None = None
    """A guided generator; needed."""
    teacher: Path | None = None
    """What `python -m training teacher` wrote; needed."""
    windows: int = Field(default=6, ge=2)
    """Windows of five frames taken from each drawn clip."""
    move: float = Field(default=0.7, ge=0.0, le=1.0)
    """How much codes move at least, as a part of the true movement; 0 leaves it to the distance."""
    fit: float = Field(default=0.2, ge=0.0)
    """Weight of the teacher's contrast beside the squared distance from the true codes."""


class LipGanTask(_Topic):
    width: float = Field(default=1.0, gt=0.0)
    """Channel multiplier of generator and discriminator."""
    sound: Literal["mel", "mfcc"] = "mel"
    """Audio form."""
    adversarial_weight: float = Field(default=0.1, ge=0.0, lt=1.0)
    """Weight of the contrastive term beside L1 for the generator."""


class Settings(_Topic):
    """One training run."""

    model: Literal["expert", "wav2lip", "hearing", "lipgan"]
    """The recipe."""
    out: Path
    """Folder for checkpoints, the log and exports."""
    data: Data = Data()
    augment: Augment = Augment()
    optimiser: Optimiser = Optimiser()
    run: Run = Run()
    expert: ExpertTask = ExpertTask()
    wav2lip: Wav2LipTask = Wav2LipTask()
    hearing: HearingTask = HearingTask()
    lipgan: LipGanTask = LipGanTask()

    def digest(self) -> str:
        """SHA-256 of everything but the places of files."""
        told = self.model_dump(mode="json")
        del told["out"], told["data"]["packed"]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def load(path: Path, changes: Sequence[str] = ()) -> Settings:
    """Read a training configuration.

    Args:
        path: a YAML file.
        changes: "topic.field=value" pairs that win over the file.

    Raises:
        ConfigError: no such file, or a field that is unknown or out of range.
    """
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{path} is not a mapping of topics")
    for change in changes:
        name, found, value = change.partition("=")
        if not found:
            raise ConfigError(f"'{change}' is not of the form topic.field=value")
        *topics, field = name.split(".")
        place = raw
        for topic in topics:
            place = place.setdefault(topic, {})
        place[field] = yaml.safe_load(value)
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path.name}: {where}: {first['msg']}") from error
