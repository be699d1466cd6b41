"""The subtitles that a file carries: text is taken out as SubRip, DVD's pictures as they are."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from f2f.media.decoding import readable
from f2f.media.mux import Track
from f2f.media.opening import opened
from f2f.media.sound import language

log = logging.getLogger(__name__)

_TEXT = frozenset({"subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"})
"""Decoders of subtitles that are text."""
_PICTURED = frozenset({"dvdsub"})
"""Those of pictures that MP4 has a form for; it has none for Blu-ray's and television's."""
_STYLE = re.compile(r"\{\\[^}]*\}")
_NAMELESS = ("", "SubtitleHandler")


def extract(path: Path, folder: Path, *, start: Fraction, length: Fraction) -> tuple[Track, ...]:
    """Write a file for each track that says anything within a part of the source, in its order.

    Of tracks that MP4 cannot carry a warning tells.

    Args:
        path: the source.
        folder: where to write kept.N.srt and kept.N.mkv.
        start: of that part, in seconds on the source's clock.
        length: of that part, in seconds.
    """
    with opened(path) as container:
        streams = list(container.streams.subtitles)
        _tell_lost(streams)
        texts = [stream for stream in streams if _kind(stream) in _TEXT]
        cues = _cues(container, texts, start, length)
        tracks = {
            number: Track(f"kept.{number}.srt", language(stream), _title(stream))
            for number, stream in enumerate(streams)
            if cues.get(stream.index)
        }
        for number, track in tracks.items():
            text = "\n".join(cues[streams[number].index])
            (folder / track.file).write_text(text, encoding="utf-8")
        pictured = [number for number, one in enumerate(streams) if _kind(one) in _PICTURED]
    for number in pictured:
        with opened(path) as container:
            stream = container.streams.subtitles[number]
            name = f"kept.{number}.mkv"
            if _copy(container, stream, folder / name, start, length):
                tracks[number] = Track(name, language(stream), _title(stream), ready=True)
    return tuple(tracks[number] for number in sorted(tracks))


def _kind(stream: Any) -> str:
    """The name of its decoder; empty if there is none."""
    return "" if stream.codec_context is None else stream.codec_context.name


def _tell_lost(streams: Sequence[Any]) -> None:
    for number, stream in enumerate(streams, start=1):
        if _kind(stream) not in _TEXT | _PICTURED:
            log.warning(
                "subtitle track %d (%s, %s) is left out: an MP4 file cannot carry it",
                *(number, language(stream) or "language unknown", _kind(stream) or "kind unknown"),
            )


def _cues(
    container: Any, streams: Sequence[Any], start: Fraction, length: Fraction
) -> dict[int, list[str]]:
    """Index of the stream → its SubRip cues."""
    cues: dict[int, list[str]] = {stream.index: [] for stream in streams}
    for packet in readable(container, *streams) if streams else ():
        if packet.pts is None or not packet.duration:
            continue
        begin = packet.pts * packet.time_base - start
        end = min(length, begin + packet.duration * packet.time_base)
        text = "\n".join(_texts(packet))
        if text and end > max(begin, 0):
            numbered = cues[packet.stream.index]
            times = f"{_clock(max(begin, Fraction(0)))} --> {_clock(end)}"
            numbered.append(f"{len(numbered) + 1}\n{times}\n{text}\n")
    return cues


def _copy(container: Any, stream: Any, target: Path, start: Fraction, length: Fraction) -> bool:
    """The pictures of that part, at its times, in a file of their own; False if there are none."""
    copied = 0
    with av.open(str(target), "w", format="matroska") as output:
        track = output.add_stream_from_template(stream)
        for packet in readable(container, stream):
            if packet.pts is None:
                continue
            begin = packet.pts * packet.time_base - start
            end = begin + (packet.duration or 0) * packet.time_base
            if begin >= length or max(begin, end) < 0:
                continue
            begin, end = max(begin, Fraction(0)), min(end, length)
            packet.pts = packet.dts = round(begin / packet.time_base)
            packet.duration = max(0, round((end - begin) / packet.time_base))
            packet.stream = track
            output.mux(packet)
            copied += 1
    if not copied:
        target.unlink()
    return copied > 0


def _texts(packet: Any) -> Iterator[str]:
    try:
        decoded = packet.stream.decode2(packet)
    except av.error.FFmpegError:
        return
    for part in decoded.rects if decoded else ():
        if part.type == b"ass":
            text = _STYLE.sub("", part.dialogue.decode("utf-8", "replace")).replace("-->", "→")
            yield from (line.strip() for line in text.splitlines() if line.strip())


def _title(stream: Any) -> str:
    names = (stream.metadata.get(key, "") for key in ("title", "handler_name"))
    return next((name for name in names if name not in _NAMELESS), "Subtitles of the source")


def _clock(time: Fraction) -> str:
    seconds, milliseconds = divmod(round(time * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02},{milliseconds:03}"
