"""Files to transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from f2f.errors import ConfigError, InputError
from f2f.subtitles import json_text, other_formats, text_file, timed_text
from f2f.subtitles.caption import Caption
from f2f.subtitles.durations import lasting, shared
from f2f.subtitles.file_names import named_language
from f2f.subtitles.rolling import unrolled
from f2f.subtitles.turns import turns
from f2f.text import language_codes
from f2f.types import Segment, Transcript

SUFFIXES = (".srt", ".vtt", ".json", *other_formats.FORMATS)
"""Of the files that can be read."""


def read(path: Path, language: str | None, *, end: float | None = None) -> Transcript:
    """The transcript in a subtitle file or JSON, in the order of its times.

    `Segment.speaker` is empty where the file names nobody (see `turns`).  Sounds such as `[Music]`
    are left out, captions that roll are read once, lines of no length are given one.  JSON is ours
    (`values.to_json`), with ids kept, or like openai-whisper's.

    Args:
        path: the file; its suffix, one of `SUFFIXES`, decides the format.
        language: its language; None takes it from the file, or from a name like talk.en.srt.
        end: seconds that the video lasts, None where that is not known or it is a still.

    Raises:
        InputError: the file is missing, not text, malformed, empty, in another language, or has
            a line that starts after `end`.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        others = ", ".join(other_formats.FORMATS)
        raise InputError(
            f"{path.name}: a transcript must be a .srt, .vtt or .json file (or {others})"
        )
    text = text_file.read(path)
    if suffix == ".json":
        transcript = _from_json(path, text, language)
    else:
        segments = _segments(path, _captions(path, text, suffix))
        header = timed_text.stated_language(text) if suffix == ".vtt" else None
        transcript = Transcript(_language(path, language, None, header), segments)
    for segment in transcript.segments:
        if end is not None and segment.span.start >= end:
            raise InputError(
                f"{path.name}: the line at {segment.span.start:.1f} s lies beyond the end of the "
                f"video ({end:.1f} s)"
            )
    return transcript


def _captions(path: Path, text: str, suffix: str) -> list[Caption]:
    if suffix in other_formats.FORMATS:
        return other_formats.captions(path.name, text, suffix)
    return timed_text.captions(path.name, text, vtt=suffix == ".vtt")


def _segments(path: Path, captions: Sequence[Caption]) -> tuple[Segment, ...]:
    """The captions' turns, each caption's time shared among its own."""
    alone = {(one.span, one.lines, one.speaker): one for one in captions}  # without shadow layers
    ordered = sorted(alone.values(), key=lambda caption: caption.span.start)
    found = [
        Segment(0, span, turn.speaker, turn.text)
        for caption, spoken in turns(unrolled(ordered))
        for span, turn in zip(
            shared(caption.span, [len(turn.text) for turn in spoken]), spoken, strict=True
        )
    ]
    if not found:
        raise InputError(f"{path.name} has no line of speech with a time")
    return tuple(replace(segment, id=number) for number, segment in enumerate(lasting(found)))


def _from_json(path: Path, text: str, language: str | None) -> Transcript:
    stated, segments, speakers = json_text.transcript(path.name, text)
    spoken = _language(path, language, stated, None)
    segments = tuple(
        sorted((one for one in segments if one.text.strip()), key=lambda one: one.span.start)
    )
    if not segments:
        raise InputError(f"{path.name} has no line of speech")
    if len({segment.id for segment in segments}) != len(segments):
        raise InputError(f"{path.name}: two segments have the same id")
    return Transcript(spoken, tuple(lasting(segments)), speakers)


def _language(path: Path, asked: str | None, stated: object, header: str | None) -> str:
    """What was asked for, which the file must not contradict; else what it or its name says."""
    if stated is not None and stated not in ("", language_codes.UNKNOWN):
        try:
            said = language_codes.normalised(stated)
        except ConfigError as error:
            raise InputError(f"{path.name}: {error}") from error
        if asked and language_codes.normalised(asked) != said:
            raise InputError(f"{path.name} says that it is in '{said}', not in '{asked}'")
        return said
    if asked:
        return language_codes.normalised(asked)
    named = named_language(path) or (language_codes.in_a_name(header) if header else None)
    if named is None:
        raise InputError(
            f"{path.name}: say which language it is in, by the option or by a name like talk.en.srt"
        )
    return named
