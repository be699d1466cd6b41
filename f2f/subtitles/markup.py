"""Markup of subtitle files, taken off.

Tags of HTML and WebVTT, overrides of ASS and MicroDVD, entities and written line breaks go; of
`<v NAME>` the name stays, between two marks of which no file makes use.
"""

from __future__ import annotations

import html
import re

VOICE, NAMED = "\ue000", "\ue001"
"""Stand before and after the name of `<v NAME>`."""

_TAGS = re.compile(
    r"</?(?:i|b|u|s|c|v|em|strong|font|lang|ruby|rt|rp|span|p|div|small|big|center|strike|tt|sub"
    r"|sup|bd[io])(?:[.\s][^<>]*)?/?>"
    r"|<(?:\d+:)?\d{2}:\d{2}\.\d{3}>",
    re.IGNORECASE,
)
_STAMP = re.compile(r"<(?:\d+:)?\d{2}:\d{2}\.\d{3}>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]+)>", re.IGNORECASE)
_READING = re.compile(r"<(rt|rp)\b[^<>]*>.*?(?:</\1>|(?=<(?:rt|rp|/ruby)\b)|$)", re.I | re.S)
"""How the letters before are pronounced: said once already."""
_OVERRIDES = re.compile(r"\{\\[^{}]*\}|\{[A-Za-z]:[^{}]*\}")
_BREAKS = re.compile(r"<br\s*/?>|(?<!:)\\[Nn]", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_UNSEEN = re.compile(r"[\ue000\ue001\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Marks of writing direction and order; and our own."""


def plain(raw: str) -> tuple[str, ...]:
    """The lines of a caption, stripped; a line of spaces is an empty one."""
    text = _UNSEEN.sub("", raw)
    text = _VOICE.sub(_name, text)
    text = _TAGS.sub("", _READING.sub("", _BREAKS.sub("\n", text)))
    text = _OVERRIDES.sub("", text).replace(r"\h", " ")
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return tuple(" ".join(line.split()) for line in text.split("\n"))


def _name(voice: re.Match[str]) -> str:
    """The name between its marks, on a line that it begins."""
    begins = voice.start() == 0 or voice.string[voice.start() - 1] == "\n"
    return f"{'' if begins else chr(10)}{VOICE}{voice[1].strip()}{NAMED}"


def stamped(raw: str) -> bool:
    """True if words of the caption have times of their own."""
    return _STAMP.search(raw) is not None
