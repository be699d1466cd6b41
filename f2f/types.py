"""The values that flow between stages: frozen, typed, and equal after a JSON round trip.

Times are seconds from the start of the source's presentation; frame rates are `Fraction`.
Heavy data (sound, boxes over minutes, frames) lies in files beside the value, in its artefact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Gender = Literal["female", "male", "unknown"]
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the upright frame; it may stick out of the frame."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, in seconds."""

    start: float
    end: float

    @property
    def duration(self) -> float:
        return self.end - self.start

    def overlap(self, other: Span) -> float:
        """Seconds that both spans share; zero when they are apart."""
        return max(0.0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word with its time and the recogniser's confidence in 0..1."""

    text: str
    span: Span
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """What one speaker says without a long pause; later stages join on `id`."""

    id: int
    span: Span
    speaker: str
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: `pitch` is the median fundamental frequency in Hz, 0 when it was not measured."""

    id: str
    gender: Gender = "unknown"
    pitch: float = 0.0
    voice: str | None = None
    """The voice that was settled for him; None leaves it to the casting."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Segments in the order of their start, in one language (ISO 639-1, e.g. "hi")."""

    language: str
    segments: tuple[Segment, ...]
    speakers: tuple[Speaker, ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """One segment's synthetic speech: the file `audio` lies in the same artefact."""

    segment_id: int
    audio: str
    sample_rate: int
    duration: float
    text: str
    voice: str
    error_rate: float | None = None
    """Character error rate when the clip was recognised back, else None."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clips:
    """All clips of a video, and which backend and voice spoke them."""

    language: str
    backend: str
    clips: tuple[Clip, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a clip goes: `span` on the output's clock; `stretch` = placed over natural duration."""

    segment_id: int
    span: Span
    stretch: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeechTrack:
    """The plan and the sound made of it: `audio` is a mono file as long as the video."""

    placements: tuple[Placement, ...]
    audio: str
    sample_rate: int


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What ingest found out about the source.  `size` is (width, height) after rotation."""

    path: str
    digest: str
    fps: Fraction
    """Constant rate of the output; where the source's rate varies, see `f2f.media.timeline`."""
    size: tuple[int, int]
    frames: int
    duration: float
    rotation: int
    """Degrees, clockwise, already applied to the frames that the iterator gives."""
    variable_rate: bool
    has_audio: bool
    still: bool
    """A picture or a video of one frame: its frames repeat for as long as the speech lasts."""
    pixel_format: str
    color_primaries: int | None = None
    color_transfer: int | None = None
    color_space: int | None = None
    color_range: int | None = None
    start: Fraction = Fraction(0)
    """Where the output's first frame lies on the source's own clock, in seconds."""
    sample_aspect: Fraction = Fraction(1)
    """Width over height of a pixel, after rotation."""
    mirrored: bool = False
    """Left and right change places after the rotation, already applied as well."""
    sound_tracks: tuple[str, ...] = ()
    """Number and language of each sound of the file, of which one was taken."""

    @property
    def lasts(self) -> float | None:
        """Seconds; None for a still, which is shown for as long as there is speech."""
        return None if self.still else self.duration


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """One face from `first_frame` on, without gaps and within one shot."""

    id: int
    first_frame: int
    boxes: tuple[Box, ...]
    scores: tuple[float, ...]

    @property
    def frames(self) -> range:
        return range(self.first_frame, self.first_frame + len(self.boxes))


@dataclass(frozen=True, slots=True)
class FaceTracks:
    """All faces of a video and the first frame of every shot."""

    tracks: tuple[FaceTrack, ...]
    cuts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CastEntry:
    """`track_id` speaks segment `segment_id`; `reason` says how that was decided."""

    segment_id: int
    track_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Whose face speaks what.  A segment that nobody in the picture speaks has no entry."""

    entries: tuple[CastEntry, ...]
