"""Times of day: 3:00 PM, 17h30, 3:30 बजे."""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from f2f.text import numerals
from f2f.text.written_forms.figures import alternatives
from f2f.text.written_forms.forms import Forms

_HALF = r"(?:\s?(?P<half>(?i:[ap])\.?\s?(?i:m)\b\.?(?!\w)))"
_HOUR = r"(?<![\w:.,-]|\d[–])(?P<hour>[01]?\d|2[0-4])"
_BETWEEN = regex.compile(
    r"(?<=(?<![\d.,-])\d{1,2}(?::[0-5]\d)?(?:\s?[ap]\.?\s?m\.?)?)\s?[-–]\s?"
    r"(?=\d{1,2}:[0-5]\d(?!\d)|\d{1,2}\s?[ap]\.?\s?m\b)",
    regex.IGNORECASE,
)
"""The dash of 9 a.m.–5 p.m."""
_RATIO = regex.compile(r"(?<![\w:.,/-])(?P<one>\d{1,3}):(?P<other>\d{1,3})(?![\w]|[:.,]\d)")
_NOON = 12


def spoken(text: str, forms: Forms) -> str:
    """Times as a person says them; needs the language's table."""
    if not forms.clock.full:
        return text
    text = _BETWEEN.sub(f" {forms.to} ", text)
    for pattern in _patterns(forms):
        text = pattern.sub(lambda match: _time(match, forms), text)
    return str(_RATIO.sub(lambda match: _ratio(match, forms), text))


def _time(match: Any, forms: Forms) -> str:
    clock = forms.clock
    found = match.groupdict()
    found["word"] = None if found.get("word") in clock.silent else found.get("word")
    hour, minute = int(found["hour"]), int(found.get("minute") or 0)
    half, word = found.get("half"), found.get("word")
    seconds = found.get("second")
    if seconds:
        numbers = (numerals.spell(int(one), forms.language) for one in (hour, minute, seconds))
        return " ".join(numbers)
    frame = "{h}" if word else clock.bare if half else clock.full
    minutes = "{h} {m}" if word else clock.minutes
    time = _hands(hour, minute, forms, (frame, minutes))
    if half:
        time = clock.with_part.format(time=time, part=_part(hour, half, forms))
        return time + ("." if half.endswith(".") and _ends(match) else "")
    if not word:
        return time
    return f"{time}{'' if clock.joined else ' '}{word}"


def _hands(hour: int, minute: int, forms: Forms, templates: tuple[str, str]) -> str:
    """Hour and minute by the templates of a full hour and of one with minutes."""
    clock = forms.clock
    frame, minutes = templates
    words = {
        "h": numerals.spell(hour, forms.language, clock.agreement),
        "next": numerals.spell(hour % _NOON + 1, forms.language, clock.agreement),
        "m": numerals.spell(minute, forms.language),
    }
    special = clock.exact.get(f"{hour}:{minute:02}")
    if special:
        return frame.format(h=special)
    if minute == 0:
        return frame.format(**words)
    if minute in clock.quarters and 1 <= hour <= _NOON:
        return frame.format(h=clock.quarters[minute].format(**words))
    if minute < 10 and clock.few_minutes:
        return clock.few_minutes.format(**words)
    return minutes.format(**words)


def _part(hour: int, half: str, forms: Forms) -> str:
    afternoon = half.casefold().startswith("p")
    hours = hour if hour > _NOON else hour % _NOON + (_NOON if afternoon else 0)
    start = max(first for first in forms.clock.parts if first <= hours)
    return forms.clock.parts[start]


def _ends(match: Any) -> bool:
    """True if the full stop of "p.m." is also the sentence's."""
    rest = match.string[match.end() :]
    return not rest.strip() or bool(regex.match(r"[\"')]*\s+\p{Lu}", rest))


def _ratio(match: Any, forms: Forms) -> str:
    one, other = (numerals.spell(int(match[part]), forms.language) for part in ("one", "other"))
    return " ".join(f"{one} {forms.score} {other}".split())


@cache
def _patterns(forms: Forms) -> tuple[Any, ...]:
    clock = forms.clock
    whole = "" if clock.suffixes else r"(?!\w)"
    names = alternatives((*clock.words, *clock.silent))
    words = rf"(?:\s?(?P<word>(?:{names}){whole}))" if names else "(?!)"
    half = _HALF if clock.parts else "(?!)"
    end = r"(?!\w|[:.,]\d|:)"
    found = [
        rf"{_HOUR}:(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?!\d|[:.,]\d)(?:{half}|{words})?",
        rf"{_HOUR}{half}",
        rf"{_HOUR}[.](?P<minute>[0-5]\d){half}",
    ]
    if clock.letter:
        found.append(rf"{_HOUR}\s?{clock.letter}\s?(?P<minute>[0-5]\d)?(?:min)?{end}")
    return tuple(map(regex.compile, found))
