"""The options of each recipe, one class a model; the defaults are the papers'."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from f2f.strict_config import Topic


class ExpertTask(Topic):
    frames: int = Field(default=5, ge=1)
    """Tv."""
    width: float = Field(default=1.0, gt=0.0)
    """Channel multiplier."""
    windows: int = Field(default=2, ge=2)
    """Windows of sound and picture taken from each drawn clip; 2 is a true and a false one."""
    contrastive: float = Field(default=0.0, ge=0.0)
    """Weight of the multi-way contrastive loss over a clip's windows ("Perfect Match"), the
    warm-up that takes a narrow expert off the plateau; 0 is the published recipe."""
    cross_entropy: float = Field(default=1.0, ge=0.0)
    """Weight of the published loss: cross-entropy of P_sync."""
    calibration: float = Field(default=1.0, gt=0.0, le=1.0)
    """Last part of the steps in which `cross_entropy` is in force; 1, all of them, is as
    published."""
    landmark_sync: Path | None = None
    """What `python -m training landmark-sync` wrote; needed unless `auxiliary` is 0."""
    auxiliary: float = Field(default=0.0, ge=0.0)
    """Weight of the auxiliary tasks, lip landmarks and the landmark-sync embeddings
    (`training.recipes.auxiliary_tasks`): a help for a narrow expert with little data. 0 is the
    published recipe."""
    start: Path | None = None
    """Checkpoint to start from; for another Tv only what fits is taken."""


class Wav2LipTask(Topic):
    width: float = Field(default=1.0, gt=0.0)
    """Channel multiplier."""
    size: int = 96
    """Side of the face in pixels."""
    frames: int = Field(default=5, ge=1)
    """Contiguous frames of a window (T); the sync loss needs the expert's Tv."""
    mel_offset: int = Field(default=0, ge=-80, le=80)
    """Steps by which a frame's window of sound starts after the frame; see `lipsync.audio`."""
    expert: Path | None = None
    """The frozen sync expert; needed unless `sync_weight` is 0."""
    sync_weight: float = Field(default=0.03, ge=0.0, lt=1.0)
    """s_w, once it is switched on."""
    sync_threshold: float = Field(default=0.75, ge=0.0)
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
    code_weight: float = Field(default=0.2, ge=0.0)
    """Weight of the audio encoder's squared distance from the codes, where `guided` is not 0."""
    unguided: float = Field(default=1.0, ge=0.0)
    """Weight of the reconstruction of windows made from their sound, where `guided` is not 0. What
    sound does not tell, an L1 answers with a mean mouth: 0 leaves those lips to the expert."""
    mouth: float = Field(default=0.0, ge=0.0)
    """Extra weight of the lips' surroundings in the reconstruction, where `guided` is not 0."""
    copy_reference: bool = False
    """Begin with outermost layers that pass the reference on, and hold their norms: the rest then
    learns what to change. Not in the papers."""
    start: Path | None = None
    """Generator checkpoint to start from."""
    tune_expert: bool = False
    """Let the expert go on learning, with generated faces as out of sync: what the thesis warns of
    (table 3.4, fine-tuned). Its weights are exported beside the generator's."""
    expert_audio_encoder: bool = False
    """Begin with the expert's audio encoder, where the layers agree."""


class AudioEncoderTask(Topic):
    start: Path | None = None
    """A guided generator; needed."""
    landmark_sync: Path | None = None
    """What `python -m training landmark-sync` wrote; needed."""
    windows: int = Field(default=6, ge=2)
    """Windows of five frames taken from each drawn clip."""
    movement: float = Field(default=0.7, ge=0.0, le=1.0)
    """How much codes move at least, as a part of the true movement; 0 leaves it to the distance."""
    contrastive: float = Field(default=0.2, ge=0.0)
    """Weight of the landmark-sync contrast beside the squared distance from the true codes."""


class LipGanTask(Topic):
    width: float = Field(default=1.0, gt=0.0)
    """Channel multiplier of generator and discriminator."""
    sound: Literal["mel", "mfcc"] = "mel"
    """Audio form."""
    adversarial_weight: float = Field(default=0.1, ge=0.0, lt=1.0)
    """Weight of the contrastive term beside L1 for the generator."""


class TranslationTask(Topic):
    encoder: Path | None = None
    """Folder of the English BERT that the run begins with, as wide as the decoder will be; None is
    the catalogue's `minilm-l6`."""
    inner: int = Field(default=1536, ge=8)
    """Width within the decoder's feed-forward parts."""
    heads: int = Field(default=6, ge=1)
    """Of every attention of the decoder; divides the width."""
    decoder: int = Field(default=3, ge=1)
    """Layers that write, once a subword."""
    dropout: float = Field(default=0.1, ge=0.0, lt=1.0)
    """Of all additions to the residual stream."""
    smoothing: float = Field(default=0.1, ge=0.0, lt=1.0)
    """Label smoothing: the part of the probability that is asked for all subwords alike."""
    sampled: float = Field(default=0.5, ge=0.0, le=1.0)
    """Part of the pairs that are seen in a sampled segmentation, not the best."""
    weights: dict[str, float] = Field(default_factory=dict)
    """How often pairs of a source are drawn; 1 for those that are not named."""
