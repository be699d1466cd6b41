"""What was done to one video, for people and for programs: picks, times, timing, clips, lips.

Everything here is read back from the artefacts, so a report can be made again at any time and
says the same whether a stage ran now or long ago.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from f2f.delivery.dub import Dub, DubbedSpeech
from f2f.delivery.files import Result
from f2f.lips.mouths import Lips
from f2f.plan import Plan
from f2f.soundtrack.mixing import Mix
from f2f.store import values
from f2f.store.artefacts import Artefact, Store
from f2f.timing import figures
from f2f.timing.figures import TimingFigures
from f2f.types import Cast, Clips, FaceTracks, SpeechTrack, Transcript, VideoInfo


@dataclass(frozen=True, slots=True)
class StageTime:
    """Seconds that a stage took when it was made."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Flagged:
    """A segment that a person should look at, and why."""

    segment_id: int
    text: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LipFigures:
    """Which weights moved the lips, by which path of the engine, and how true that path is."""

    weights: str
    path: str
    mean_difference: float
    """Of the path from fp32 on this video's own faces, in 1/255."""
    max_difference: float
    changed_frames: int
    closed_frames: int
    """Of them those whose lips are only closed: the source speaks on and the dub is silent."""
    own_frames: int
    """Of the changed ones those whose lips are all the speaker's own pixels."""
    mixed_frames: int
    """Those that are partly so, where one fades into the other."""
    generated_frames: int
    """Those whose lips are the generator's, which is softer."""
    covered_frames: int
    """Frames left as they were because something is before a mouth that speaks."""
    turned_frames: int
    """Frames left as they were because a face that speaks is a profile."""
    passed_over: tuple[str, ...]
    """Faster paths that were not used, and why."""


@dataclass(frozen=True, slots=True)
class Report:
    """One video in one language."""

    video: VideoInfo
    source_language: str
    target_language: str
    choices: tuple[str, ...]
    """One "role: backend (reason)" a role."""
    segments: int
    speakers: int
    faces: int
    cast: int
    """Segments whose speaker was found in the picture."""
    stages: tuple[StageTime, ...]
    timing: TimingFigures
    voices: dict[str, str]
    """Speaker → voice."""
    heard_back: float | None
    """Mean character error rate of the clips when recognised back; None if that was not asked."""
    sound: Mix
    lips: LipFigures
    flagged: tuple[Flagged, ...]
    warnings: tuple[str, ...]
    """What the stages warned of, now or when they were run."""


def of(dub: Dub, plan: Plan, store: Store) -> Report:
    """The report of a finished dub."""
    spoken = dub.spoken
    heard = store.read(spoken.heard, Transcript)
    said, clips = store.read(spoken.said, Transcript), store.read(spoken.clips, Clips)
    return Report(
        video=store.read(spoken.source, VideoInfo),
        source_language=heard.language,
        target_language=said.language,
        choices=tuple(f"{pick.role}: {pick.name} ({pick.reason})" for pick in plan.choices),
        segments=len(said.segments),
        speakers=len(heard.speakers),
        faces=len(store.read(dub.faces, FaceTracks).tracks),
        cast=len({entry.segment_id for entry in store.read(dub.cast, Cast).entries}),
        stages=_times(artefacts(dub), store),
        timing=timing(spoken, store),
        voices=_voices(said, clips),
        heard_back=_heard_back(clips),
        sound=store.read(spoken.sound, Mix),
        lips=_lips(store.read(dub.frames, Lips), store.read(dub.result, Result)),
        flagged=_flagged(said, clips, store.read(spoken.speech, SpeechTrack)),
        warnings=warnings(artefacts(dub), store),
    )


def summary(report: Report) -> str:
    """A few lines for the terminal."""
    lines = [
        f"{report.source_language} → {report.target_language}: segments {report.segments}, "
        f"speakers {report.speakers}, face tracks {report.faces}",
        *report.choices,
        f"lips: {report.lips.changed_frames} of {report.video.frames} frames changed "
        f"({report.lips.closed_frames} only closed, where the dub is silent; pixels: "
        f"{report.lips.own_frames} the speaker's own, {report.lips.mixed_frames} mixed, "
        f"{report.lips.generated_frames} the generator's), "
        f"{report.lips.covered_frames} left alone because something is before the mouth, "
        f"{report.lips.turned_frames} because the face is a profile; "
        f"{report.lips.weights or 'no weights needed'}; {report.lips.path}, "
        f"mean difference {report.lips.mean_difference:.2f}/255 from fp32",
        *_spoken_lines(report.timing, report.voices, report.heard_back),
        f"sound: {_line(report.sound)}",
        *_to_look_at(report.flagged, report.warnings),
    ]
    return "\n".join(lines)


def speech_summary(spoken: DubbedSpeech, store: Store) -> str:
    """The same for a dub of the sound alone."""
    said, clips = store.read(spoken.said, Transcript), store.read(spoken.clips, Clips)
    flagged = _flagged(said, clips, store.read(spoken.speech, SpeechTrack))
    lines = [
        *_spoken_lines(timing(spoken, store), _voices(said, clips), _heard_back(clips)),
        *_to_look_at(flagged, warnings(_of_speech(spoken), store)),
    ]
    return "\n".join(lines)


def warnings(made: Sequence[Artefact], store: Store) -> tuple[str, ...]:
    """What was warned of while these were made, each sentence once."""
    told = (sentence for one in made for sentence in store.meta(one).get("warnings", ()))
    return tuple(dict.fromkeys(told))


def artefacts(dub: Dub) -> tuple[Artefact, ...]:
    """All that a dub was made of, in the pipeline's order."""
    return (*_of_speech(dub.spoken), dub.faces, dub.cast, dub.bank, dub.frames, dub.result)


def timing(spoken: DubbedSpeech, store: Store) -> TimingFigures:
    """The figures of the timing plan, as the align stage wrote them."""
    return values.read(TimingFigures, store.path(spoken.speech, figures.FILE))


def _of_speech(spoken: DubbedSpeech) -> tuple[Artefact, ...]:
    return (
        spoken.source,
        spoken.heard,
        spoken.translated,
        spoken.said,
        spoken.clips,
        spoken.speech,
        spoken.sound,
    )


def _times(made: Sequence[Artefact], store: Store) -> tuple[StageTime, ...]:
    return tuple(StageTime(one.stage, float(store.meta(one)["seconds"])) for one in made)


def _spoken_lines(
    measured: TimingFigures, voices: Mapping[str, str], heard_back: float | None
) -> Iterator[str]:
    yield f"voices: {', '.join(f'{speaker} {voice}' for speaker, voice in voices.items())}"
    yield f"timing: {_line(measured)}"
    if heard_back is not None:
        yield f"heard back: character error rate {heard_back:.3f}"


def _to_look_at(flagged: Sequence[Flagged], told: Sequence[str]) -> Iterator[str]:
    for item in flagged:
        yield f"look at segment {item.segment_id} ({', '.join(item.flags)}): {item.text}"
    for sentence in told:
        yield f"warning: {sentence}"


def _voices(said: Transcript, clips: Clips) -> dict[str, str]:
    speakers = {segment.id: segment.speaker for segment in said.segments}
    return dict(sorted((speakers[clip.segment_id], clip.voice) for clip in clips.clips))


def _heard_back(clips: Clips) -> float | None:
    rates = [clip.error_rate for clip in clips.clips if clip.error_rate is not None]
    return sum(rates) / len(rates) if rates else None


def _flagged(said: Transcript, clips: Clips, track: SpeechTrack) -> tuple[Flagged, ...]:
    flags: dict[int, tuple[str, ...]] = {}
    for clip in clips.clips:
        flags[clip.segment_id] = clip.flags
    for placement in track.placements:
        flags[placement.segment_id] = (*flags.get(placement.segment_id, ()), *placement.flags)
    return tuple(
        Flagged(segment.id, segment.text, flags[segment.id])
        for segment in said.segments
        if flags.get(segment.id)
    )


def _lips(lips: Lips, result: Result) -> LipFigures:
    closed = {mouth.frame for mouth in lips.mouths if not mouth.speaks}
    least: dict[int, float] = {}
    for mouth in lips.mouths:
        if mouth.frame < result.frames:
            least[mouth.frame] = min(mouth.own, least.get(mouth.frame, 1.0))
    return LipFigures(
        lips.weights,
        lips.path,
        lips.mean_difference,
        lips.max_difference,
        result.changed_frames,
        len(closed - {mouth.frame for mouth in lips.mouths if mouth.speaks}),
        sum(own >= 1.0 for own in least.values()),
        sum(0.0 < own < 1.0 for own in least.values()),
        sum(own <= 0.0 for own in least.values()),
        lips.covered,
        lips.turned,
        lips.passed_over,
    )


def _line(value: TimingFigures | Mix) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {fact:.3g}" if isinstance(fact, float) else f"{name} {fact}"
        for name, fact in asdict(value).items()
    )
