"""Configuration: strict, frozen, one class a topic; a typo fails and shows the choices.

Layers, later ones win: the defaults below, a preset or YAML file, `--set key=value`, options.
Every stage hashes only its own slice, so changing the delivery never repeats the recognition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from f2f.strict_config import Topic, Tree, overridden, put, read_yaml, validated
from f2f.text import language_codes


class Languages(Topic):
    source: str | None = None
    """Language spoken in the source: hi, hi-IN, hin or Hindi; None detects it."""
    target: str | None = None
    """Language to speak in the output; None keeps the source's (for `lipsync` and `transcribe`)."""

    @field_validator("source", "target", mode="before")
    @classmethod
    def _as_a_code(cls, value: Any) -> Any:
        if value is False:
            return "no"  # which YAML reads as false
        return language_codes.normalised(value) if isinstance(value, str) else value


class Recognition(Topic):
    backend: str = "auto"
    """Recogniser: auto, faster-whisper, openai-whisper, or a name from an entry point."""
    model: str = "base"
    """Size (base, small) or folder of the recogniser's weights; Hindi needs small."""
    terms: tuple[str, ...] = ()
    """Names and terms that occur, such as [PsychoPy, Nottingham]: they are heard better."""
    transcript: Path | None = None
    """A transcript (.srt, .vtt, .ass, .json …) to use in place of a recogniser."""
    beam: int = Field(default=5, ge=1, le=20)
    """Beam size."""
    piece_seconds: float = Field(default=180.0, ge=30.0)
    """Long recordings are read in pieces of about this length, cut in a pause."""
    vad: bool = True
    """Gate by voice activity, against words imagined in silence."""
    audio_track: str | None = None
    """Which of several sounds of the source: its number, from 1 on, or its language; None takes
    the one marked as default, else the first."""

    @field_validator("audio_track", mode="before")
    @classmethod
    def _as_a_number_or_code(cls, value: Any) -> Any:
        if value is False:
            return "no"  # which YAML reads as false
        if isinstance(value, str) and not value.isdecimal():
            return language_codes.normalised(value)
        return str(value) if isinstance(value, int) and value is not True else value


class Diarisation(Topic):
    backend: str = "auto"
    """Diariser: auto, wespeaker, single."""
    speakers: int | None = Field(default=None, ge=1)
    """Number of speakers when known; None finds it."""
    threshold: float = Field(default=0.7, gt=0.0, lt=2.0)
    """Cosine distance at which average-linkage clusters stop merging."""


class Translation(Topic):
    backend: str = "auto"
    """Translator: auto, compact, transformers, or a name from an entry point."""
    model: str | None = None
    """Local folder or hub id of the transformers model; None picks by language pair."""
    revision: str | None = Field(default=None, pattern="^[0-9a-f]{40}$")
    """Commit of a hub model, 40 hexadecimal digits: a branch or tag may become other code."""
    translation: Path | None = None
    """A human translator's subtitles (.srt, .vtt, .ass, .json …), used in place of a backend."""
    glossary: Path | None = None
    """YAML: source term -> forced translation, or null to keep the term as it is."""
    beam: int = Field(default=4, ge=1, le=20)
    """Beam size."""
    batch: int = Field(default=8, ge=1)
    """Sentences translated at once."""


class Speech(Topic):
    backend: str = "auto"
    """Synthesiser: auto, kokoro, coqui, espeak, or a name from an entry point."""
    model: str | None = None
    """Folder or model name for coqui."""
    voice: str | None = None
    """Voice for every speaker; None matches voices to speakers by gender and pitch."""
    cast: dict[str, str] = Field(default_factory=dict)
    """Voices of single speakers, such as {S1: hf_alpha}; the others' are matched."""
    voices: Path | None = None
    """voices.yaml: the voices of a series' speakers; new ones are added to it."""
    check: bool = False
    """Recognise each clip back and retry above `max_error_rate`."""
    max_error_rate: float = Field(default=0.3, gt=0.0, le=1.0)
    """Character error rate above which a clip is spoken again, then flagged."""


class Timing(Topic):
    min_stretch: float = Field(default=0.85, gt=0.3, le=1.0)
    """Shortest allowed placed / natural duration."""
    max_stretch: float = Field(default=1.25, ge=1.0, lt=3.0)
    """Longest allowed placed / natural duration."""
    hard_stretch: float = Field(default=1.6, ge=1.0, lt=4.0)
    """Last resort: clips may be sped up or slowed down by this factor, and are flagged."""
    max_shift: float = Field(default=2.0, ge=0.0)
    """Seconds a clip may start before or after the source's onset."""
    gap: float = Field(default=0.05, ge=0.0)
    """Seconds kept between two clips of one speaker."""


class Soundtrack(Topic):
    background: Literal["auto", "none", "duck", "separate"] = "auto"
    """What stays of the source's sound under the new speech; auto ducks it under a translation, and
    keeps none of it beside a recording given to `f2f lipsync`, where its voice would speak on."""
    separator: str = "spleeter"
    """Backend for background=separate: spleeter, or a name from an entry point."""
    duck_db: float = Field(default=-18.0, ge=-90.0, le=0.0)
    """How far the source's sound is lowered while speech is heard."""
    loudness: Annotated[float, Field(ge=-70.0, le=-5.0)] | Literal["source"] = -16.0
    """Integrated loudness in LUFS, or "source" to match the source's."""
    true_peak: float = Field(default=-1.0, ge=-30.0, le=0.0)
    """Ceiling in dBTP."""


class Faces(Topic):
    backend: str = "auto"
    """Face detector: auto, yunet."""
    every: int = Field(default=5, ge=1)
    """Detect on every k-th frame and track between."""
    min_score: float = Field(default=0.7, gt=0.0, lt=1.0)
    """Detections below are dropped."""
    min_size: int = Field(default=32, ge=8)
    """Smallest face in pixels whose lips are moved."""
    detection_side: int = Field(default=640, ge=128)
    """Frames are reduced to this long side for detection."""
    doubtful: Literal["leave", "move"] = "leave"
    """Lips of a face that does not seem to speak what is heard, such as a listener's or one shown
    under a narrator's voice; "move" asks the mouths' motion alone, as for a film dubbed before."""


LipPath = Literal["eager", "fp32", "bf16", "compile", "openvino-bf16", "openvino-int8"]


class Lips(Topic):
    weights: str = "auto"
    """auto (imported published checkpoint, else the shipped one), shipped, or a file."""
    path: Literal["auto"] | LipPath | tuple[LipPath, ...] = "auto"
    """Inference path of the engine, or several: the first that passes the quality gate is taken.
    auto stands for those that suit this machine, the fastest first."""
    batch: int = Field(default=16, ge=1)
    """Faces a forward pass."""
    enabled: bool = True
    """False delivers the dubbed sound over untouched frames."""
    close: bool = True
    """Close the lips where the source speaks on and the dub is silent."""


Preset = Literal[
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
]


class Delivery(Topic):
    codec: Literal["h264", "h265", "av1"] = "h264"
    """Video codec."""
    crf: int = Field(default=18, ge=0, le=51)
    """Constant rate factor: lower is better and larger."""
    preset: Preset = "veryfast"
    """Encoder preset, in x264's words."""
    audio_bitrate: int = Field(default=192_000, ge=32_000)
    """Bits a second of the AAC track."""
    keep_source_audio: bool = False
    """Keep the source's sound as a second audio track."""
    soft_subtitles: bool = True
    """Carry subtitles in both languages as soft tracks."""
    burn_subtitles: bool = False
    """Burn the target language's subtitles into the picture."""
    mark: Literal["top-left", "top-right", "bottom-left", "bottom-right", "off"] = "bottom-right"
    """Corner of the visible mark that says the video is synthetically dubbed."""
    mark_off_reason: str | None = None
    """Required with mark=off; recorded in the metadata and the report."""

    @field_validator("mark", mode="before")
    @classmethod
    def _yaml_reads_off_as_false(cls, value: Any) -> Any:
        return "off" if value is False else value

    @model_validator(mode="after")
    def _mark_is_off_for_a_reason(self) -> Delivery:
        if self.mark == "off" and not (self.mark_off_reason or "").strip():
            raise ValueError(
                "mark=off needs mark_off_reason, which is recorded: why viewers need not be told"
            )
        return self


class Review(Topic):
    edits: Path | None = None
    """A person's corrections of single lines, as `f2f review` writes them (`*.edits.yaml`)."""


class Store(Topic):
    path: str = "~/.cache/f2f/store"
    """Folder or fsspec address of the artefact store."""


class Config(Topic):
    """All options of one translation."""

    languages: Languages = Languages()
    recognition: Recognition = Recognition()
    diarisation: Diarisation = Diarisation()
    translation: Translation = Translation()
    speech: Speech = Speech()
    timing: Timing = Timing()
    soundtrack: Soundtrack = Soundtrack()
    faces: Faces = Faces()
    lips: Lips = Lips()
    delivery: Delivery = Delivery()
    review: Review = Review()
    store: Store = Store()


def load(
    file: Path | None = None,
    overrides: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Config:
    """The configuration from a YAML file, `topic.name=value` overrides and ready-made options.

    Args:
        file: YAML mapping of topics.
        overrides: lines as given to `--set`; the value is read as YAML.
        options: dotted names and values; None means that the option was not given.

    Raises:
        ConfigError: unreadable file, unknown key (the nearest choices are shown) or bad value.
    """
    tree = overridden(read_yaml(file) if file is not None else {}, overrides)
    for key, value in (options or {}).items():
        if value is not None:
            put(tree, key, value)
    return from_tree(tree)


def from_tree(tree: Tree) -> Config:
    """The configuration from nested plain values, checked strictly."""
    return validated(Config, tree)
