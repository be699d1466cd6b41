"""The language that a subtitle file's name speaks of: talk.en.srt, talk.hi.dub.vtt."""

from __future__ import annotations

from pathlib import Path

from f2f.text import language_codes

_BESIDE = frozenset((
    "dub", "auto", "captions", "cc", "corrected", "default", "forced", "original", "sdh", "sub",
    "subs", "subtitle", "subtitles",
))  # fmt: skip
"""What stands beside a language: `dub` is our own; the others are habits of players and tools."""
_MEDIA = frozenset((
    "avi", "flv", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "ts", "wav", "webm",
    "wmv", "gif", "jpg", "jpeg", "png", "webp",
))  # fmt: skip
"""Suffixes of what is transcribed: clip.mov.srt."""


def named_language(path: Path) -> str | None:
    """The language that a name like talk.en.srt speaks of; None if it speaks of none."""
    _, *parts = path.stem.split(".")
    while parts and parts[-1].casefold() in _BESIDE | _MEDIA:
        parts.pop()
    return language_codes.in_a_name(parts[-1]) if parts else None
