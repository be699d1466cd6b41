"""Transcripts in JSON: our own, openai-whisper's, whisperX's and others' with such segments."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from f2f.errors import InputError
from f2f.store import values
from f2f.subtitles import markup
from f2f.subtitles.caption import Caption
from f2f.subtitles.durations import shared
from f2f.subtitles.turns import turns
from f2f.text.language_codes import UNKNOWN
from f2f.types import Segment, Span, Speaker, Transcript, Word

_CONFIDENCES = ("probability", "confidence", "score")


def transcript(name: str, text: str) -> tuple[object, tuple[Segment, ...], tuple[Speaker, ...]]:
    """The language as the file states it, or None; its segments as they are; its speakers.

    Segments may be of no length yet.

    Raises:
        InputError: it is no JSON, has no segments, or a time is missing, infinite or out of order.
    """
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not valid JSON: {error}") from error
    if isinstance(tree, list):
        tree = {"segments": tree}
    if not isinstance(tree, dict) or not isinstance(tree.get("segments"), list):
        raise InputError(f"{name}: a JSON transcript has a list called 'segments'")
    stated = tree.get("language")
    if all(isinstance(item, dict) and "span" in item for item in tree["segments"]):
        own = values.from_json(Transcript, json.dumps({**tree, "language": UNKNOWN}))
        segments, speakers = own.segments, own.speakers
    else:
        raw = [_segment(name, *numbered) for numbered in enumerate(tree["segments"])]
        segments, speakers = tuple(_spoken(raw)), ()
    for segment in segments:
        _check(name, segment)
    return stated, segments, speakers


def _spoken(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Segments without markup and sounds, which tools write as they hear them."""
    captions = [
        Caption(at, one.span, markup.plain(one.text), one.speaker)
        for at, one in enumerate(segments)
    ]
    for caption, found in turns(captions):
        segment = segments[caption.line]
        text = " ".join(turn.text for turn in found)
        yield replace(segment, speaker=segment.speaker or found[0].speaker, text=text)


def _segment(name: str, number: int, item: Any) -> Segment:
    """A segment as openai-whisper and many tools write it: start, end, text, words, speaker."""
    try:
        text = str(item["text"]).strip()
        timed = list(item.get("words") or ())
        inner = [
            time for word in timed for time in (_seconds(word, "start"), _seconds(word, "end"))
        ]
        known = [time for time in inner if time is not None]
        start, end = _seconds(item, "start"), _seconds(item, "end")
        if start is None and known:
            start = min(known)
        if end is None and known:
            end = max(known)
        if start is None or end is None:
            raise KeyError("start" if start is None else "end")
        span = Span(start if math.isinf(start) else max(0.0, start), end)
        number = int(item.get("id", number))
        return Segment(number, span, _speaker(item, timed), text, _words(timed, span))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"{name}: segment {number} needs start, end and text ({error!r})"
        ) from error


def _seconds(item: Mapping[str, Any], key: str) -> float | None:
    """A time; None where there is none, which aligners also write as null or NaN."""
    value = item.get(key)
    if value is None or isinstance(value, bool):
        return None
    seconds = float(value)
    return None if math.isnan(seconds) else seconds


def _speaker(item: Mapping[str, Any], words: Sequence[Mapping[str, Any]]) -> str:
    """Of the segment, else of most of its words."""
    if item.get("speaker"):
        return str(item["speaker"]).strip()
    counts = Counter(str(word["speaker"]) for word in words if word.get("speaker"))
    return counts.most_common(1)[0][0] if counts else ""


def _words(items: Sequence[Mapping[str, Any]], span: Span) -> tuple[Word, ...]:
    """All words; those without times share the time between their neighbours, by their letters."""
    texts = [str(item.get("word", item.get("text", ""))).strip() for item in items]
    spans: list[Span | None] = []
    for item in items:
        start, end = _seconds(item, "start"), _seconds(item, "end")
        spans.append(None if start is None or end is None else Span(start, end))
    at = 0
    while at < len(spans):
        if spans[at] is not None:
            at += 1
            continue
        after = next((stop for stop in range(at, len(spans)) if spans[stop]), len(spans))
        left, right = (
            (spans[at - 1] if at else None),
            (spans[after] if after < len(spans) else None),
        )
        start = left.end if left else span.start
        gap = Span(start, max(start, right.start if right else span.end))
        spans[at:after] = shared(gap, [max(1, len(text)) for text in texts[at:after]])
        at = after
    return tuple(
        Word(text, found, _confidence(item))
        for text, found, item in zip(texts, spans, items, strict=True)
        if text and found is not None
    )


def _confidence(item: Mapping[str, Any]) -> float:
    value = next((item[key] for key in _CONFIDENCES if item.get(key) is not None), 1.0)
    confidence = float(value)
    return confidence if math.isfinite(confidence) else 1.0


def _check(name: str, segment: Segment) -> None:
    times = [segment.span, *(word.span for word in segment.words)]
    if not all(math.isfinite(time) for span in times for time in (span.start, span.end)):
        raise InputError(f"{name}: segment {segment.id} has a time that is not finite")
    if not 0 <= segment.span.start <= segment.span.end:
        raise InputError(f"{name}: segment {segment.id} ends before it starts")
    if any(word.span.end < word.span.start for word in segment.words):
        raise InputError(f"{name}: a word of segment {segment.id} ends before it starts")
