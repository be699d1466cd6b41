"""SubRip and WebVTT: captions by their timing lines.

Timing lines that tools and translators have damaged are read where they can only mean one thing:
without milliseconds, with commas, colons or spaces, with short arrows, with negative starts.  Any
other line that is meant to be one is refused with its number, for else it would be read aloud.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from f2f.errors import InputError
from f2f.subtitles import markup
from f2f.subtitles.caption import Caption
from f2f.types import Span

_CLOCK = (
    r"([-−–]?)\s*(?:(\d{1,3})\s*:\s*)?(\d{1,2})\s*:\s*(\d{1,2})"  # sign, hours, minutes, seconds
    r"(?:\s*([.,:;])\s*(\d{1,9}))?"  # and their fraction
)
_ARROW = r"(?:[-−–—=]{1,4}\s*>|[→➔⇒⟶])"
_SETTINGS = r"(?:\s+[A-Za-z]\w*\s*:\s*\S+)*"
_TIMING = re.compile(rf"\s*{_CLOCK}\s*({_ARROW})\s*{_CLOCK}{_SETTINGS}\s*")
_ARROWED = re.compile(rf"\d\s*:\s*\d.*{_ARROW}|{_ARROW}.*\d\s*:\s*\d")
_ONLY_TIMES = re.compile(r"[-−–—=>→\d\s:.,;|/]*\d:\d[-−–—=>→\d\s:.,;|/]*")
_EXACT_CLOCK = re.compile(r"\d\s*:\s*\d+\s*:\s*\d+\s*[.,]\s*\d")
_LANGUAGE = re.compile(r"^Language:\s*(\S+)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Timing:
    at: int
    """Index of the line."""
    span: Span


def captions(name: str, text: str, *, vtt: bool) -> list[Caption]:
    """The captions of a file's text, in its order.

    Raises:
        InputError: a timing line cannot be read, or a caption ends before it starts.
    """
    lines = text.split("\n")
    timings = list(_timings(name, lines))
    numbered = bool(timings) and _ends_in_number(lines[: timings[0].at])
    found = []
    for number, timing in enumerate(timings, start=1):
        end = timings[number].at if number < len(timings) else len(lines)
        body = lines[timing.at + 1 : end]
        raw = "\n".join(_body(body, vtt=vtt, number_follows=numbered and end < len(lines)))
        found.append(
            Caption(
                timing.at + 1, timing.span, markup.plain(raw), stamped=vtt and markup.stamped(raw)
            )
        )
    return found


def stated_language(text: str) -> str | None:
    """What the header of a WebVTT file says, as YouTube writes it."""
    header = takewhile(str.strip, text.split("\n"))
    return next((found[1] for line in header if (found := _LANGUAGE.match(line))), None)


def _timings(name: str, lines: Sequence[str]) -> Iterator[_Timing]:
    for at, (before, written) in enumerate(pairwise(["", *lines])):
        line = unicodedata.normalize("NFKC", written).replace("&gt;", ">")
        match = _TIMING.fullmatch(line)
        apart = not before.strip() or before.strip().isdigit()  # where a timing line stands
        if match and (apart or "-->" in line):
            yield _Timing(at, _span(name, at + 1, match))
        elif "-->" in line or (apart and _is_meant_as_timing(line)):
            raise _refusal(name, at + 1, f"{written.strip()!r} is no pair of times")


def _is_meant_as_timing(line: str) -> bool:
    """True for an arrow beside a clock, and for clocks alone."""
    if _ARROWED.search(line):
        return True
    times = len(re.findall(r"\d\s*:\s*\d+(?!\s*:)", line))
    alone = _ONLY_TIMES.fullmatch(line) is not None
    return alone and (times > 1 or _EXACT_CLOCK.search(line) is not None)


def _span(name: str, number: int, match: re.Match[str]) -> Span:
    fields = match.groups()
    start, end = _seconds(*fields[:6]), _seconds(*fields[7:])
    if start is None or end is None:
        raise _refusal(name, number, f"{match[0].strip()!r} is no pair of times")
    if end < start:
        raise _refusal(name, number, "the cue ends before it starts")
    if end < 0 or (start < 0 and end == 0):
        raise _refusal(name, number, "the cue ends before the video begins")
    return Span(max(0.0, start), end)


def _refusal(name: str, number: int, reason: str) -> InputError:
    return InputError(f"{name}, line {number}: {reason}")


def _seconds(
    sign: str, hours: str | None, minutes: str, seconds: str, mark: str | None, part: str | None
) -> float | None:
    """None if it is no clock, or counts frames (00:00:05:12)."""
    if (hours and int(minutes) > 59) or int(seconds) > 59:
        return None
    if mark == ":" and part is not None and len(part) != 3:
        return None
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    thousandths = whole * 1000 + int((part or "0").ljust(3, "0")[:3])
    return (-thousandths if sign else thousandths) / 1000


def _body(lines: Sequence[str], *, vtt: bool, number_follows: bool) -> list[str]:
    """A cue's lines without the next cue's number; in WebVTT an empty line ends it.

    A line of spaces is not empty: YouTube writes one where a line is to roll in.
    """
    text = list(takewhile(bool, lines)) if vtt else [line for line in lines if line]
    ended = vtt and len(text) < len(lines)
    if number_follows and not ended and _ends_in_number(text):
        while not text.pop().strip():
            pass
    return text


def _ends_in_number(lines: Sequence[str]) -> bool:
    written = [line.strip() for line in lines if line.strip()]
    return bool(written) and written[-1].isdigit()
