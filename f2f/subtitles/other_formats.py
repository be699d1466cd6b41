"""Formats that pysubs2 reads: Advanced SubStation Alpha, MicroDVD, TTML and SAMI."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pysubs2
from pysubs2.exceptions import UnknownFPSError

from f2f.errors import InputError, why
from f2f.subtitles import markup
from f2f.subtitles.caption import Caption
from f2f.types import Span

FORMATS = {
    ".ass": "ass",
    ".ssa": "ssa",
    ".sub": "microdvd",
    ".ttml": "ttml",
    ".dfxp": "ttml",
    ".smi": "sami",
    ".sami": "sami",
}
"""Suffix → pysubs2's name."""
_FRAME_LINE = re.compile(r"\s*\{\s*\d+\s*\}\s*\{\s*\d+\s*\}.+")
_OLD_TTML = re.compile(r"http://www\.w3\.org/2006/(?:04|10)/ttaf1")
_TTML = "http://www.w3.org/ns/ttml"
_EVENT = re.compile(r"(?:Dialogue|Comment):")


def captions(name: str, text: str, suffix: str) -> list[Caption]:
    """The captions of a file's text, in its order.

    Raises:
        InputError: it is not of the format, or a line of it is not.
    """
    kind = FORMATS[suffix]
    if kind == "microdvd":
        _check_frames(name, text)
    if kind == "ttml":
        text = _OLD_TTML.sub(_TTML, text)
    try:
        file = pysubs2.SSAFile.from_string(text, kind)
    except UnknownFPSError as error:
        raise InputError(
            f"{name} counts frames and does not say how many a second: begin it with a line such "
            "as {1}{1}25"
        ) from error
    except ET.ParseError as error:
        raise InputError(f"{name}, line {error.position[0]}: not valid XML ({error})") from error
    except (ValueError, TypeError, KeyError, NotImplementedError) as error:
        raise InputError(f"{name}{_place(text, kind)}: not valid {kind}: {why(error)}") from error
    found = []
    for number, event in enumerate(file.events, start=1):
        if not event.is_text:
            continue
        start, end = event.start / 1000, event.end / 1000
        if end < start:
            raise InputError(f"{name}, cue {number}: the cue ends before it starts")
        if end < 0:
            raise InputError(f"{name}, cue {number}: the cue ends before the video begins")
        span = Span(max(0.0, start), end)
        found.append(Caption(number, span, markup.plain(event.plaintext), event.name.strip()))
    return found


def _check_frames(name: str, text: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not _FRAME_LINE.fullmatch(line):
            raise InputError(f"{name}, line {number}: {line.strip()[:40]!r} has no pair of frames")


def _place(text: str, kind: str) -> str:
    """ ", line N" of the first event that cannot be read, where that can be found."""
    for number, line in enumerate(text.split("\n"), start=1):
        if _EVENT.match(line.strip()):
            try:
                pysubs2.SSAFile.from_string(line, kind)
            except (ValueError, TypeError):
                return f", line {number}"
    return ""
