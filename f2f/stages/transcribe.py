"""Hear what is said, when and by whom; or read it from a file that a person made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from f2f import listening, subtitles
from f2f.backends import resolve
from f2f.backends.diarisation.single import NAME
from f2f.backends.diarisation.speakers import describe
from f2f.config import Config
from f2f.errors import InputError
from f2f.roles import Recogniser, Samples
from f2f.stages.ingest import SPEECH
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import Segment, Speaker, Transcript, VideoInfo

Labelled = tuple[tuple[Segment, ...], tuple[Speaker, ...]]


def _settings(config: Config) -> Any:
    told_by = resolve("diarisation", config.diarisation.backend).identity(config)
    heard_by = _recogniser(config).identity(config) if _hears(config) else None
    return config.languages.source, config.recognition, heard_by, config.diarisation, told_by


def _packages(config: Config) -> Iterable[str]:
    yield from ("numpy", "scipy")
    yield from resolve("diarisation", config.diarisation.backend).info.packages
    yield from _recogniser(config).info.packages if _hears(config) else ()


def _hears(config: Config) -> bool:
    return config.recognition.transcript is None


def _recogniser(config: Config) -> type[Recogniser]:
    return resolve("asr", config.recognition.backend)


@stage(version=5, settings=_settings, packages=_packages)
def transcribe(work: Work, source: Artefact) -> None:
    """source → Transcript with words and speakers; empty, in "und", if nobody speaks.

    Raises:
        InputError: the source has no sound and no transcript was given, or the given one cannot
            be used; or nobody speaks in one of several sound tracks.
    """
    info = work.read(source, VideoInfo)
    given = work.config.recognition.transcript
    if given is not None:
        transcript = subtitles.read(given, work.config.languages.source, end=info.lasts)
        transcript = subtitles.in_sentence_case(transcript)
        work.write(_read(work, source, info, transcript))
        return
    if not info.has_audio:
        raise InputError(
            "the source has no sound: give what is said with --transcript FILE, or a recording "
            "to speak with `f2f lipsync FACE SPEECH`"
        )
    with listening.sound_of(work.path(source, SPEECH)) as sound:
        heard = _recognise(work, sound)
        if not heard.words and len(info.sound_tracks) > 1:
            raise InputError(
                "nobody speaks in this sound track; choose another with --audio-track: "
                f"{', '.join(info.sound_tracks)}"
            )
        utterances, speakers = _diarise(work, sound, listening.utterances(heard.words))
    work.write(Transcript(heard.language, listening.phrases(utterances), speakers))


def _recognise(work: Work, sound: Samples) -> listening.Heard:
    recognition = work.config.recognition
    with _recogniser(work.config)(work.config) as recogniser:
        return listening.listen(
            sound,
            recogniser,
            language=work.config.languages.source,
            piece_seconds=recognition.piece_seconds,
            gated=recognition.vad,
            advance=work.advance,
        )


def _read(work: Work, source: Artefact, info: VideoInfo, transcript: Transcript) -> Transcript:
    """A person's transcript, its nameless lines given to the voices that say them."""
    if not info.has_audio:
        named = tuple(replace(item, speaker=item.speaker or NAME) for item in transcript.segments)
        speakers = tuple(Speaker(name) for name in dict.fromkeys(item.speaker for item in named))
        return replace(transcript, segments=named, speakers=speakers)
    with listening.sound_of(work.path(source, SPEECH)) as sound:
        segments = transcript.segments
        if not all(segment.speaker for segment in segments):
            labelled, _ = _diarise(work, sound, segments)
            segments = _named(segments, labelled)
        speakers = describe(sound, segments)
    return replace(transcript, segments=segments, speakers=speakers)


def _named(given: Sequence[Segment], labelled: Sequence[Segment]) -> tuple[Segment, ...]:
    """The lines with the names that they have, else with the name that their voice mostly has."""
    pairs = list(zip(given, labelled, strict=True))
    counts: dict[str, Counter[str]] = {}
    for own, guess in pairs:
        if own.speaker:
            counts.setdefault(guess.speaker, Counter())[own.speaker] += 1
    names = {voice: found.most_common(1)[0][0] for voice, found in counts.items()}
    return tuple(
        replace(own, speaker=own.speaker or names.get(guess.speaker, guess.speaker))
        for own, guess in pairs
    )


def _diarise(work: Work, sound: Samples, segments: Sequence[Segment]) -> Labelled:
    if not segments:
        return (), ()
    labelled: Labelled
    with resolve("diarisation", work.config.diarisation.backend)(work.config) as diariser:
        labelled = diariser.diarise(sound, segments)
    return labelled
