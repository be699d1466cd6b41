"""Transcripts to files.

`display=True` lays the text out for viewers (short cues, two lines); otherwise one cue is one
segment, which is the form to correct by hand and to read back.
"""

from __future__ import annotations

import html
from pathlib import Path

from f2f.store import values
from f2f.subtitles.layout import Cue, break_lines, display_cues, label
from f2f.types import Transcript


def write_srt(transcript: Transcript, path: Path, *, display: bool = False, mark: str = "") -> None:
    """Write SubRip text, UTF-8; speakers as `[NAME] ` where several speak.

    Args:
        transcript: what to write.
        path: where to.
        display: laid out for viewers.
        mark: begins every line.
    """
    blocks = []
    for number, cue in enumerate(_cues(transcript, display=display), start=1):
        lines = _lines(label(cue.speaker) + cue.text, display=display)
        text = "\n".join(mark + line for line in lines).replace("-->", "→")
        blocks.append(f"{number}\n{_timing(cue, ',')}\n{text}\n")
    path.write_text("\n".join(blocks), encoding="utf-8")


def write_vtt(transcript: Transcript, path: Path, *, display: bool = False) -> None:
    """Write WebVTT; speakers as `<v NAME>` where several speak."""
    blocks = ["WEBVTT\n"]
    for cue in _cues(transcript, display=display):
        prefix = f"<v {html.escape(cue.speaker, quote=False)}>" if cue.speaker else ""
        lines = [html.escape(line, quote=False) for line in _lines(cue.text, display=display)]
        blocks.append(f"{_timing(cue, '.')}\n{prefix}{chr(10).join(lines)}\n")
    path.write_text("\n".join(blocks), encoding="utf-8")


def write_json(transcript: Transcript, path: Path) -> None:
    """Write the whole transcript, words and speakers included; reads back equal."""
    values.write(transcript, path)


def _cues(transcript: Transcript, *, display: bool) -> tuple[Cue, ...]:
    if display:
        return display_cues(transcript)
    several = len({segment.speaker for segment in transcript.segments}) > 1
    return tuple(
        Cue(segment.span, segment.speaker if several else "", " ".join(segment.text.split()))
        for segment in transcript.segments
    )


def _lines(text: str, *, display: bool) -> tuple[str, ...]:
    return break_lines(text) if display else (text,)


def _timing(cue: Cue, point: str) -> str:
    start = round(cue.span.start * 1000)
    end = max(start + 1, round(cue.span.end * 1000))
    return f"{_clock(start, point)} --> {_clock(end, point)}"


def _clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{rest:03}"
