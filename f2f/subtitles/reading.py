"""Files to transcripts."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

from f2f.errors import InputError
from f2f.store import values
from f2f.types import Segment, Span, Transcript, Word

LARGEST_BYTES = 32 << 20
"""A day of subtitles is about 2 MB; anything far above is not a transcript."""

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_TAGS = re.compile(
    r"</?(?:i|b|u|s|c|v|em|strong|font|lang|ruby|rt)(?:[.\s][^>]*)?/?>"
    r"|<(?:\d+:)?\d{2}:\d{2}\.\d{3}>"
    r"|\{\\[^}]*\}",
    re.IGNORECASE,
)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>", re.IGNORECASE)
_PREFIX = re.compile(r"^\[([^\[\]\n]{1,60})\]\s*(?=\S)")
_SOUND = re.compile(r"^\s*(?:\[[^\]]*\]|\([^)]*\)|[♪♫#*\s])+\s*$")
_SOUNDS = (
    "applause", "blank_audio", "cheering", "coughs", "crosstalk", "foreign", "inaudible",
    "indistinct", "laughing", "laughs", "laughter", "music", "music playing", "noise", "sighs",
    "silence", "sound", "unintelligible",
    "aplausos", "música", "risas",
    "inaudível", "risadas", "risos",
    "applaudissements", "inintelligible", "musique", "rires",
    "applausi", "incomprensibile", "musica", "risate",
    "applaus", "gelächter", "lachen", "musik", "unverständlich",
    "अश्रव्य", "तालियाँ", "तालियां", "संगीत", "हँसी", "हंसी",
)  # fmt: skip
"""What is written in brackets of a sound, or of speech that could not be heard."""
_SOUND_MARK = re.compile(rf"\[\s*(?:{'|'.join(_SOUNDS)})\s*\]", re.IGNORECASE)
_DASH = re.compile(r"^\s*[-–—]\s+", re.MULTILINE)
_LANGUAGE_SUFFIX = re.compile(r"\.([a-z]{2,3})(?:[-_][A-Za-z]{2,4})?\.[A-Za-z]+$")


@dataclass(frozen=True, slots=True)
class _Block:
    """One cue as written: its line number, times and raw text."""

    line: int
    span: Span
    text: str


def read(path: Path, language: str | None, *, end: float | None = None) -> Transcript:
    """The transcript in a .srt, .vtt or .json file, in the order of its times.

    A line may name its speaker as `[NAME] text` or `<v NAME>text`; `Segment.speaker` is empty
    where the file names nobody.  Sounds such as `[Music]` are left out, and so are cues that hold
    only `♪` or something in brackets.  JSON is ours (`values.to_json`), with ids kept, or
    openai-whisper's.

    Args:
        path: the file; its suffix decides the format.
        language: ISO 639-1 code; None takes it from the file, or from a name like talk.en.srt.
        end: seconds that the video lasts, None where that is not known or it is a still.

    Raises:
        InputError: the file is missing, not text, malformed, empty, in another language, or has
            a line that starts after `end`.
    """
    text = _text(path)
    suffix = path.suffix.lower()
    if suffix not in (".srt", ".vtt", ".json"):
        raise InputError(f"{path.name}: a transcript must be a .srt, .vtt or .json file")
    if suffix == ".json":
        transcript = _from_json(path, text, language)
    else:
        segments = _segments(path, text, vtt=suffix == ".vtt")
        transcript = Transcript(language or _language_of(path), tuple(segments))
    for segment in transcript.segments:
        if end is not None and segment.span.start >= end:
            raise InputError(
                f"{path.name}: the line at {segment.span.start:.1f} s lies beyond the end of the "
                f"video ({end:.1f} s)"
            )
    return transcript


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{path.name} is too large to be a transcript")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the transcript {path}: {error.strerror or error}") from error
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name} is not UTF-8 text; save it as UTF-8 and try again"
        ) from error
    if "\0" in text:
        raise InputError(f"{path.name} is not a text file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def named_language(path: Path) -> str | None:
    """The language that a name like talk.en.srt speaks of; None if it speaks of none."""
    match = _LANGUAGE_SUFFIX.search(path.name)
    return match[1] if match else None


def _language_of(path: Path) -> str:
    language = named_language(path)
    if language is None:
        raise InputError(
            f"{path.name}: say which language it is in, by the option or by a name like talk.en.srt"
        )
    return language


def _segments(path: Path, text: str, *, vtt: bool) -> Iterator[Segment]:
    spoken = [
        (block.span, speaker, words)
        for block in sorted(_blocks(path, text, vtt=vtt), key=lambda block: block.span.start)
        for speaker, words in [_speech(block.text, escaped=vtt)]
        if words
    ]
    if not spoken:
        raise InputError(f"{path.name} has no line of speech with a time")
    for number, (span, speaker, words) in enumerate(spoken):
        yield Segment(number, span, speaker, words)


def _blocks(path: Path, text: str, *, vtt: bool) -> Iterator[_Block]:
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _TIMING.match(line)]
    numbered = _ends_in_number(_written(lines[: starts[0]])) if starts else False
    for start, following in pairwise([*starts, len(lines)]):
        match = _TIMING.match(lines[start])
        assert match is not None
        span = Span(_seconds(*match.groups()[:4]), _seconds(*match.groups()[4:]))
        if span.end <= span.start:
            raise InputError(f"{path.name}, line {start + 1}: the cue ends before it starts")
        number_follows = numbered and following < len(lines)
        body = _body(lines[start + 1 : following], vtt=vtt, number_follows=number_follows)
        yield _Block(start + 1, span, body)


def _body(lines: list[str], *, vtt: bool, number_follows: bool) -> str:
    """The cue's text without the next cue's number; in WebVTT an empty line ends it."""
    text = list(takewhile(str.strip, lines)) if vtt else _written(lines)
    ended = vtt and len(text) < len(lines)
    if number_follows and not ended and _ends_in_number(text):
        text.pop()
    return "\n".join(text)


def _written(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip()]


def _ends_in_number(text: list[str]) -> bool:
    return bool(text) and text[-1].strip().isdigit()


def _speech(raw: str, *, escaped: bool) -> tuple[str, str]:
    """Speaker ("" if unnamed) and plain text of a cue ("" if nothing is spoken)."""
    voice = _VOICE.search(raw)
    text = _TAGS.sub("", raw)
    if escaped:
        text = html.unescape(text)
    text = _SOUND_MARK.sub(" ", _DASH.sub("", text)).strip()
    if _SOUND.match(text):
        return "", ""
    speaker = html.unescape(voice[1]).strip() if voice else ""
    if not speaker and (prefix := _PREFIX.match(text)):
        speaker, text = prefix[1].strip(), text[prefix.end() :]
    return speaker, " ".join(text.split())


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return (whole * 1000 + int(fraction.ljust(3, "0"))) / 1000


def _from_json(path: Path, text: str, language: str | None) -> Transcript:
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise InputError(f"{path.name} is not valid JSON: {error}") from error
    if isinstance(tree, list):
        tree = {"segments": tree}
    if not isinstance(tree, dict) or not isinstance(tree.get("segments"), list):
        raise InputError(f"{path.name}: a JSON transcript has a list called 'segments'")
    stated = tree.get("language")
    if language and stated and stated != language:
        raise InputError(f"{path.name} says that it is in '{stated}', not in '{language}'")
    spoken = language or stated or _language_of(path)
    if all(isinstance(item, dict) and "span" in item for item in tree["segments"]):
        transcript = values.from_json(Transcript, json.dumps({**tree, "language": spoken}))
    else:
        segments = [_loose(path, number, item) for number, item in enumerate(tree["segments"])]
        transcript = Transcript(spoken, tuple(segments))
    return _checked(path, transcript)


def _loose(path: Path, number: int, item: Any) -> Segment:
    """A segment as openai-whisper and many tools write it: start, end, text, words, speaker."""
    try:
        words = tuple(
            Word(
                str(word.get("word", word.get("text", ""))).strip(),
                Span(float(word["start"]), float(word["end"])),
                float(word.get("probability", word.get("confidence", 1.0))),
            )
            for word in item.get("words") or ()
        )
        span = Span(float(item["start"]), float(item["end"]))
        speaker = str(item.get("speaker") or "")
        return Segment(int(item.get("id", number)), span, speaker, str(item["text"]).strip(), words)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path.name}: segment {number} needs start, end and text ({error!r})"
        ) from error


def _checked(path: Path, transcript: Transcript) -> Transcript:
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    if not segments:
        raise InputError(f"{path.name} has no line of speech")
    for segment in segments:
        if not 0 <= segment.span.start < segment.span.end:
            raise InputError(f"{path.name}: segment {segment.id} ends before it starts")
    if len({segment.id for segment in segments}) != len(segments):
        raise InputError(f"{path.name}: two segments have the same id")
    return replace(transcript, segments=tuple(sorted(segments, key=lambda one: one.span.start)))
