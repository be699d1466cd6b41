"""Who says what in captions: names and changes of speaker are found, sounds are left out.

`NAME: text`, `[NAME] text`, `<v NAME>text` name a speaker; `>>` and dashes before lines begin a new
one, unnamed.  A word before a colon may also be the text's own (`Remember: …`): unless it is in
capitals it names a speaker only where many captions of the file begin like that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from f2f.subtitles import capitals, sounds
from f2f.subtitles.caption import Caption
from f2f.subtitles.markup import NAMED, VOICE

_MUSIC = re.compile(
    r"[\[(]\s*[♩♪♫♬🎵🎶][^\])]*[\])]"  # in brackets
    r"|[♩♪♫♬🎵🎶]+[^♩♪♫♬🎵🎶]*(?:[♩♪♫♬🎵🎶]+|$)"  # what is sung, to the next note or the end
    r"|^[ ]*#\s[^#]*\s#[ ]*$",
    re.MULTILINE,
)
_MARK = re.compile(r"^(?:(?:>{2,3}|＞{2,3})\s*|[-–—‐]\s+)")
_TIGHT_DASH = re.compile(r"^[-–—‐](?=[^\W\d])")
_INNER_MARK = re.compile(r"(?<=\S)\s+(?=>{2,3}\s)")
_VOICE = re.compile(f"^{VOICE}([^{NAMED}]*){NAMED}\\s*")
_BRACKETED = re.compile(r"^\[([^\[\]\n]{1,60})\]\s*:?\s*")
_COLON = re.compile(
    r"^([^\W_][^:：()\[\]<>\n]{0,39}?)\s*(\([^()]*\)|\[[^\[\]]*\])?\s*(?::(?=\s|$)|：)\s*"
)
_SQUARE = re.compile(r"\[[^\[\]]*\]|【[^【】]*】")
_ROUND = re.compile(r"\([^()]*\)|（[^（）]*）")
_STARRED = re.compile(r"\*[^*\n]+\*")
_ENDED = re.compile(r"[.!?…。！？।—–\-,\"”»]\s*$")
_LABELS = frozenset((
    "note", "warning", "tip", "ps", "nb", "fyi", "todo", "faq", "example", "update", "rule",
    "step", "part", "chapter", "question", "answer",
))  # fmt: skip
_MOST_WORDS = 4
"""Words of a name before a colon."""
_MOST_SOUND_WORDS = 3
"""Words in round brackets that begin a line of speech."""
_MOST, _SOME = 0.5, 0.2
"""Shares of a file's captions that begin with a name from which on names are names: of any, of
several people that return."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says in one caption; `speaker` is empty if nobody names him."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Habits:
    """How a file writes its speakers."""

    before_colons: frozenset[str] = frozenset()
    in_brackets: frozenset[str] = frozenset()
    marked: bool = False
    """True if `>>` marks every change of speaker."""
    shouted: bool = False
    """True if all is in capitals."""


def turns(captions: Sequence[Caption]) -> Iterator[tuple[Caption, tuple[Turn, ...]]]:
    """The spoken turns of every caption in which something is spoken."""
    habits = _habits(captions)
    last = ""
    for caption in captions:
        found = list(_turns(caption, habits, last))
        if habits.marked and found:
            last = found[-1].speaker
        spoken = tuple(turn for turn in found if turn.text)
        if spoken:
            yield caption, spoken


def _habits(captions: Sequence[Caption]) -> Habits:
    texts = [text for caption in captions if (text := _MUSIC.sub("", caption.text).strip())]
    starts = [_unmarked(line) for text in texts for line in text.split("\n")]
    colons = [match[1].strip() for line in starts if (match := _COLON.match(line))]
    brackets = [
        match[1].strip()
        for text in texts
        if (match := _BRACKETED.match(_unmarked(text))) and text[match.end() :].strip()
    ]
    return Habits(
        before_colons=_usual([label for label in colons if _may_name(label)], len(texts)),
        in_brackets=_usual([label for label in brackets if not sounds.is_sound(label)], len(texts)),
        marked=any(line.startswith((">>", "＞＞")) for text in texts for line in text.split("\n")),
        shouted=capitals.are_shouted(texts),
    )


def _usual(labels: Sequence[str], captions: int) -> frozenset[str]:
    """The labels that a file names its speakers with, going by how many captions have one."""
    counts = Counter(labels)
    if len(labels) >= 2 and len(labels) >= _MOST * captions:
        return frozenset(counts)
    returning = {label: count for label, count in counts.items() if count > 1}
    if len(returning) >= 2 and sum(returning.values()) >= _SOME * captions:
        return frozenset(returning)
    return frozenset()


def _turns(caption: Caption, habits: Habits, last: str) -> Iterator[Turn]:
    text = _INNER_MARK.sub("\n", _MUSIC.sub("\n", caption.text))
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    dashed = sum(1 for line in lines if _TIGHT_DASH.match(line)) > 1
    turn = _Open(caption.speaker or (last if habits.marked else ""))
    for line in lines:
        rest, marked = _MARK.subn("", line)
        if dashed and not marked:
            rest, marked = _TIGHT_DASH.subn("", rest)
        name, rest = _named(rest, habits, marked=bool(marked))
        if marked or name:
            if turn.lines:
                yield turn.closed()
            unnamed = caption.speaker if not turn.lines else ""
            turn = _Open(name or unnamed)
        turn.lines.append(rest)
    yield turn.closed()


@dataclass(slots=True)
class _Open:
    speaker: str
    lines: list[str] = field(default_factory=list)

    def closed(self) -> Turn:
        return Turn(self.speaker, spoken("\n".join(self.lines)))


def _unmarked(line: str) -> str:
    return _TIGHT_DASH.sub("", _MARK.sub("", line.strip()))


def _named(line: str, habits: Habits, *, marked: bool) -> tuple[str, str]:
    """The name that a line begins with, if it does, and the line without it."""
    if voice := _VOICE.match(line):
        return voice[1], line[voice.end() :]
    bracketed = _BRACKETED.match(line)
    while bracketed and sounds.is_sound(bracketed[1]):
        line = line[bracketed.end() :]
        bracketed = _BRACKETED.match(line)
    if bracketed:
        label = bracketed[1].strip()
        if sounds.is_name(label) or label in habits.in_brackets:
            return label, line[bracketed.end() :]
        return "", line
    colon = _COLON.match(line)
    if colon is None:
        return "", line
    label = colon[1].strip()
    told = (
        label in habits.before_colons
        or (_is_shouted(label) and (marked or not habits.shouted or " " not in label))
        or (_may_name(label) and sounds.is_sound(colon[2] or ""))
    )
    return (label, line[colon.end() :]) if told else ("", line)


def _may_name(label: str) -> bool:
    words = label.split()
    return (
        len(words) <= _MOST_WORDS and sounds.is_name(label) and words[0].casefold() not in _LABELS
    )


def _is_shouted(label: str) -> bool:
    letters = [letter for letter in label if letter.isalpha()]
    return len(letters) > 1 and label.isupper() and _may_name(label)


def spoken(text: str) -> str:
    """A turn's text on one line, without sounds."""
    text = _without(_ROUND, _without(_SQUARE, text))
    text = _STARRED.sub(lambda found: "" if sounds.is_sound(found[0]) else found[0], text)
    joined = " ".join(text.split())
    return joined if re.search(r"[^\s♩♪♫♬#*\-–—]", joined) else ""


def _without(brackets: re.Pattern[str], text: str) -> str:
    """The text without sounds in such brackets, one after another."""
    at = 0
    while found := brackets.search(text, at):
        if _is_outside_speech(found, square=brackets is _SQUARE):
            text = f"{text[: found.start()]} {text[found.end() :]}"
            at = 0
        else:
            at = found.end()
    return text


def _is_outside_speech(found: re.Match[str], *, square: bool) -> bool:
    """True for sounds: in square brackets at the beginning and end of a sentence, in round ones
    alone on a line; known words anywhere in square ones, and in round ones that begin a line.
    """
    words = found[0][1:-1]
    before = found.string[: found.start()].rstrip(" ")
    after = found.string[found.end() :].lstrip(" ")
    begins, ends = not before or before.endswith("\n"), not after or after.startswith("\n")
    ended = _ENDED.search(before.rstrip()) is not None
    known = sounds.is_sound(words)
    if square:
        return known or begins or (ends and ended)
    if begins and ends:
        return known or ((ended or not before.strip()) and sounds.is_remark(words))
    return begins and known and len(words.split()) <= _MOST_SOUND_WORDS
